import { cString, pointersTo } from "./c_string.ts";
import type { CApi } from "./capi.ts";
import type { Status } from "./status.ts";

interface SavedModel {
  folder: string;
  session: Deno.PointerValue;
  graph: Deno.PointerValue;
}

/** SavedModels that are loaded, by number: each a graph and the session that holds its variables. */
export class SavedModels {
  readonly #api: CApi;
  readonly #status: Status;
  readonly #config: Uint8Array<ArrayBuffer>;
  readonly #models = new Map<number, SavedModel>();
  #nextId = 0;

  constructor(api: CApi, status: Status, config: Uint8Array<ArrayBuffer>) {
    this.#api = api;
    this.#status = status;
    this.#config = config;
  }

  get size(): number {
    return this.#models.size;
  }

  load(folder: string, tags: string): number {
    const api = this.#api, status = this.#status.pointer;
    const options = api.TF_NewSessionOptions();
    api.TF_SetConfig(options, this.#config, BigInt(this.#config.length), status);
    const graph = api.TF_NewGraph();
    const names = tags.split(",").map(cString);
    const session = api.TF_LoadSessionFromSavedModel(
      ...[options, null] as const,
      ...[cString(folder), pointersTo(names), names.length] as const,
      ...[graph, null, status] as const,
    );
    api.TF_DeleteSessionOptions(options);
    if (!this.#status.ok) {
      api.TF_DeleteGraph(graph);
      throw new Error(`Cannot load the SavedModel in ${folder} (tags ${tags}): ${this.#status.message}`);
    }
    this.#models.set(this.#nextId, { folder, session, graph });
    return this.#nextId++;
  }

  delete(id: number): void {
    const { session, graph } = this.#model(id, "free");
    this.#models.delete(id);
    this.#api.TF_DeleteSession(session, this.#status.pointer);
    this.#api.TF_DeleteGraph(graph);
    this.#status.check(`Cannot free model ${id}`);
  }

  /** Computes outputs from inputs; all are handles of eager tensors. */
  run(id: number, inputs: Deno.PointerValue[], inputNames: string, outputNames: string): Deno.PointerValue[] {
    const api = this.#api, status = this.#status;
    const { folder, session, graph } = this.#model(id, "run");
    const places = this.#places(graph, inputNames, folder);
    const wanted = this.#places(graph, outputNames, folder);
    if (places.count !== inputs.length) {
      throw new Error(
        `Cannot run the SavedModel in ${folder}: expected ${places.count} inputs (${inputNames}), found ${inputs.length}`,
      );
    }
    const values: Deno.PointerValue[] = [];
    const results = new BigUint64Array(wanted.count);
    try {
      for (const input of inputs) {
        values.push(api.TFE_TensorHandleResolve(input, status.pointer));
        status.check(`Cannot run the SavedModel in ${folder}`);
      }
      api.TF_SessionRun(
        ...[session, null] as const,
        ...[places.pairs, BigUint64Array.from(values, Deno.UnsafePointer.value), inputs.length] as const,
        ...[wanted.pairs, results, wanted.count] as const,
        ...[null, 0, null, status.pointer] as const,
      );
      status.check(`Cannot run the SavedModel in ${folder}`);
      return Array.from(results, (address) => this.#handleOf(Deno.UnsafePointer.create(address)));
    } finally {
      for (const value of values) if (value !== null) api.TF_DeleteTensor(value);
    }
  }

  #handleOf(tensor: Deno.PointerValue): Deno.PointerValue {
    const handle = this.#api.TFE_NewTensorHandle(tensor, this.#status.pointer);
    this.#api.TF_DeleteTensor(tensor);
    this.#status.check("Cannot take over an output of a SavedModel");
    return handle;
  }

  /** An array of TF_Output: for each `operation:index` the operation's address and the index of its output. */
  #places(graph: Deno.PointerValue, names: string, folder: string) {
    const list = names.split(",").filter((name) => name !== "");
    const pairs = new BigUint64Array(2 * list.length);
    list.forEach((name, i) => {
      const [operation, index = "0"] = name.split(":");
      const found = this.#api.TF_GraphOperationByName(graph, cString(operation));
      const outputs = found === null ? 0 : this.#api.TF_OperationNumOutputs(found);
      if (!(Number(index) < outputs)) {
        throw new Error(
          `Cannot run the SavedModel in ${folder}: expected "${name}" in its graph, found ` +
            (found === null ? "no such operation" : `${outputs} outputs of ${operation}`),
        );
      }
      pairs[2 * i] = Deno.UnsafePointer.value(found);
      pairs[2 * i + 1] = BigInt(index);
    });
    return { pairs, count: list.length };
  }

  #model(id: number, action: string): SavedModel {
    const model = this.#models.get(id);
    if (!model) {
      throw new Error(`Cannot ${action} model ${id}: expected a loaded SavedModel, found none (freed already?)`);
    }
    return model;
  }
}
