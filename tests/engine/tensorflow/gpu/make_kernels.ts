/**
 * Writes kernels.json: what GPU builds of TensorFlow have on a card for the ops that thaw runs. The build's list of kernels
 * names those for a GPU whether there is one or not.
 *
 *     deno run -A tests/engine/tensorflow/gpu/make_kernels.ts FOLDER…
 *
 * FOLDER is one with libtensorflow of a GPU build, as `deno task setup --gpu` leaves it; several builds must agree on what is
 * kept, or the first difference is told. One process can open one build only: for each folder this file runs itself.
 */
import { assertEquals } from "@std/assert";
import { openCApi } from "../../../../lib/engine/tensorflow/capi.ts";
import { fromCString } from "../../../../lib/engine/tensorflow/c_string.ts";
import {
  bufferBytes,
  type RegisteredKernel,
  registeredKernels,
} from "../../../../lib/engine/tensorflow/kernel_registry.ts";
import { lookAt } from "../../../../lib/engine/tensorflow/library.ts";
import { pin } from "../../../../lib/engine/tensorflow/pin.ts";
import { readFields, readText } from "../../../../lib/engine/tensorflow/protobuf.ts";
import { Status } from "../../../../lib/engine/tensorflow/status.ts";
import type { Argument, KernelTable, OpOnCard } from "./simulated_card.ts";
import { OPS } from "./ops.ts";

/** The element types that thaw's tensors on TensorFlow have: float32, int32, int64, bool, bfloat16. */
const TYPES = [1, 3, 9, 10, 14];

if (import.meta.main) {
  if (Deno.args[0] === "--one") console.log(JSON.stringify(tableOf(Deno.args[1])));
  else await writeTable(Deno.args);
}

async function writeTable(folders: string[]): Promise<void> {
  const tables: KernelTable[] = [];
  for (const folder of folders) {
    const args = ["run", "-A", import.meta.filename!, "--one", folder];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
    tables.push(JSON.parse(new TextDecoder().decode(stdout)));
  }
  const [first, ...others] = tables;
  for (const { builds, ops } of others) {
    for (const op of OPS) assertEquals(ops[op], first.ops[op], `${op} in ${builds} and in ${first.builds}`);
  }
  const lines = Object.entries(first.ops).map(([op, what]) => `    ${JSON.stringify(op)}: ${JSON.stringify(what)}`);
  const builds = JSON.stringify(tables.flatMap(({ builds }) => builds));
  Deno.writeTextFileSync(
    new URL("kernels.json", import.meta.url),
    `{\n  "builds": ${builds},\n  "ops": {\n${lines.join(",\n")}\n  }\n}\n`,
  );
}

function tableOf(folder: string): KernelTable {
  const found = lookAt(folder);
  if (typeof found === "string") throw new Error(`Cannot read kernels: ${found}`);
  Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "2");
  pin(found.framework!);
  pin(found.main);
  const api = openCApi(found.main);
  const status = new Status(api);
  const list = Deno.dlopen(found.main, { TF_GetAllOpList: { parameters: [], result: "pointer" } });
  const definitions = new Map<string, Uint8Array>();
  for (const { value } of readFields(bufferBytes(list.symbols.TF_GetAllOpList()))) {
    definitions.set(readText(firstOf(value as Uint8Array, 1)!), value as Uint8Array);
  }
  const ops = OPS.map((op): [string, OpOnCard] => {
    const definition = definitions.get(op);
    if (!definition) throw new Error(`Cannot read kernels: ${folder} knows no op ${op}`);
    return [op, { ...signature(definition), kernels: onCard(registeredKernels(api, status, op)) }];
  });
  return { builds: [fromCString(api.TF_Version())], ops: Object.fromEntries(ops) };
}

/** The kernels that a card would use, for the types that matter. */
function onCard(kernels: RegisteredKernel[]): OpOnCard["kernels"] {
  const own = kernels.filter(({ device }) => device === "GPU");
  const all = [...own, ...kernels.filter(({ device }) => device === "DEFAULT")];
  const kept = all.flatMap(({ types, hostMemory }) => {
    const known = Object.entries(types).map(([name, allowed]) => [name, allowed.filter((one) => TYPES.includes(one))]);
    return known.every(([, allowed]) => allowed.length)
      ? [{ types: Object.fromEntries(known), host: hostMemory.sort() }]
      : [];
  });
  const sameTypes = (a: { types: object }, b: { types: object }) => JSON.stringify(a.types) === JSON.stringify(b.types);
  return kept.filter((kernel, i) => kept.findIndex((other) => sameTypes(other, kernel)) === i) // a GPU's own came first
    .sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}

/** OpDef: input_arg (2), output_arg (3), attr (4), as far as they tell types (op_def.proto). */
function signature(definition: Uint8Array): Omit<OpOnCard, "kernels"> {
  const all = (number: number) =>
    [...readFields(definition)].filter((field) => field.number === number).map(({ value }) => value as Uint8Array);
  const defaults = all(4).flatMap((attribute): [string, number][] => {
    const value = firstOf(attribute, 3);
    const type = value === undefined ? undefined : firstOf(value as Uint8Array, 6);
    return typeof type === "number" ? [[readText(firstOf(attribute, 1)!), type]] : [];
  });
  return { inputs: all(2).map(argument), outputs: all(3).map(argument), defaults: Object.fromEntries(defaults) };
}

/** ArgDef: name (1), type_attr (4), number_attr (5), type_list_attr (6). */
function argument(definition: Uint8Array): Argument {
  const text = (number: number) => {
    const value = firstOf(definition, number);
    return value === undefined ? undefined : readText(value);
  };
  return { name: text(1)!, type: text(4), many: text(5) ?? text(6) };
}

function firstOf(bytes: Uint8Array, number: number): number | Uint8Array | undefined {
  return [...readFields(bytes)].find((field) => field.number === number)?.value;
}
