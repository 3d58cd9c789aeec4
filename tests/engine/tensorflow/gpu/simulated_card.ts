import type { Binding, TensorMetadata } from "../../../../lib/engine/tensorflow/binding.ts";
import { elementType, TF_INT32, TF_RESOURCE } from "../../../../lib/engine/tensorflow/dtypes.ts";
import table from "./kernels.json" with { type: "json" };

/** An input or output of an op. */
export interface Argument {
  name: string;
  /** The attribute that tells its element type. */
  type?: string;
  /** The attribute that tells how many there are of it. */
  many?: string;
}

/** What a GPU build has for an op on a card. */
export interface OpOnCard {
  inputs: Argument[];
  outputs: Argument[];
  /** The element types that attributes have when they are not given. */
  defaults: Record<string, number>;
  /** By types: which inputs and outputs lie in main memory. */
  kernels: { types: Record<string, number[]>; host: string[] }[];
}

/** kernels.json. */
export interface KernelTable {
  builds: string[];
  ops: Record<string, OpOnCard>;
}

const OPS = (table as unknown as KernelTable).ops;

/** Something that on a card would wait for all that is queued there, or run on the CPU. */
export interface Crossing {
  /** Host to card, card to host, or an op that a card has no kernel for. */
  kind: "upload" | "read" | "on the CPU";
  /** Whose doing: an op that finds an input on the wrong side, or nothing for what is asked for in so many words. */
  op?: string;
  /** Of the tensor that crosses: `[2, 3] float32`. */
  what: string;
  bytes: number;
}

type Followed =
  | "createTensor"
  | "createHostTensor"
  | "fillTensor"
  | "moveToDevice"
  | "share"
  | "tensorDataSync"
  | "lendTensor"
  | "executeOp";
type Result<N extends Followed> = ReturnType<Binding[N]>;

interface Place {
  host: boolean;
  card: boolean;
}

/**
 * Follows what runs on a binding that computes on the CPU, and tells what would happen with a card: TensorFlow puts an op on
 * the card where that has a kernel for its types, copies inputs that are not where the kernel wants them, and keeps both
 * copies.
 */
export class SimulatedCard {
  /** What has crossed so far. */
  readonly crossings: Crossing[] = [];
  readonly #places = new Map<number, Place>();
  readonly #types = new Map<number, { shape: number[]; dtype: number }>();
  readonly #followed: string[] = [];
  /** As the binding counted them before what is being followed. */
  #uploads = 0;

  /** @param binding of a TensorFlow that computes on the CPU, without oneDNN: TF_ENABLE_ONEDNN_OPTS=0 */
  constructor(readonly binding: Binding) {
    this.#follow("createTensor", (id, shape, dtype) => this.#made(id, shape, dtype));
    this.#follow("fillTensor", (id, shape, dtype) => this.#made(id, shape, dtype));
    this.#follow("createHostTensor", (id, shape, dtype) => {
      this.#types.set(id, { shape, dtype });
      this.#places.set(id, { host: true, card: false });
    });
    this.#follow("moveToDevice", (_nothing, id) => {
      this.#bring(id, false);
      this.#placeOf(id).host = false;
    });
    this.#follow("share", (copy, id) => {
      this.#places.set(copy, this.#placeOf(id));
      this.#types.set(copy, this.#types.get(id)!);
    });
    this.#follow("tensorDataSync", (_values, id) => this.#bring(id, true));
    this.#follow("lendTensor", (_loan, id) => this.#bring(id, true));
    this.#follow("executeOp", (outputs, name, attributes, inputs) => this.#run(name, attributes, inputs, outputs));
  }

  /** Follows no more. */
  stop(): void {
    for (const name of this.#followed) delete (this.binding as unknown as Record<string, unknown>)[name];
  }

  /** Has `after` called with a method's result and its arguments. */
  #follow<N extends Followed>(name: N, after: (result: Result<N>, ...args: Parameters<Binding[N]>) => void): void {
    const { binding } = this;
    const method = binding[name] as (...args: unknown[]) => unknown;
    const followed = (...args: unknown[]) => {
      this.#uploads = binding.traffic.uploads;
      const result = method.apply(binding, args);
      after(result as Result<N>, ...args as Parameters<Binding[N]>);
      return result;
    };
    this.#followed.push(name);
    Object.assign(binding, { [name]: followed });
  }

  /** What is made of values goes to the card, whole numbers excepted; a number that is there already is shared. */
  #made(id: number, shape: number[], dtype: number): void {
    this.#types.set(id, { shape, dtype });
    const stays = dtype === TF_INT32;
    this.#places.set(id, { host: stays, card: !stays });
    if (!stays && this.binding.traffic.uploads > this.#uploads) this.#tell("upload", id);
  }

  #run(
    name: string,
    attributes: Parameters<Binding["executeOp"]>[1],
    inputs: number[],
    outputs: TensorMetadata[],
  ): void {
    const op = OPS[name];
    if (!op) throw new Error(`kernels.json has nothing of ${name}: add it to ops.ts and run make_kernels.ts`);
    const given = new Map(attributes.map(({ name, value }) => [name, value]));
    const names = namesOf(op.inputs, inputs.length);
    const types = new Map(Object.entries(op.defaults));
    names.forEach(({ type }, i) => type && types.set(type, this.#types.get(inputs[i])?.dtype ?? 0));
    for (const [attribute, value] of given) if (typeof value === "number") types.set(attribute, value);
    const kernel = op.kernels.find((kernel) =>
      Object.entries(kernel.types).every(([attribute, allowed]) => allowed.includes(types.get(attribute)!))
    );
    outputs.forEach(({ id, shape, dtype }) => this.#types.set(id, { shape, dtype }));
    if (!kernel) this.#tell("on the CPU", outputs[0]?.id ?? inputs[0], name);
    names.forEach((argument, i) => this.#bring(inputs[i], !kernel || kernel.host.includes(argument.name), name));
    const made = namesOf(op.outputs, outputs.length);
    outputs.forEach(({ id }, i) => {
      const host = !kernel || kernel.host.includes(made[i].name);
      this.#places.set(id, { host, card: !host });
    });
  }

  /** Brings a tensor where something wants it: to main memory or to the card. */
  #bring(id: number, toHost: boolean, op?: string): void {
    const place = this.#placeOf(id);
    if (toHost ? place.host : place.card) return;
    if (this.#types.get(id)?.dtype === TF_RESOURCE) return; // the name of something, wherever that is
    this.#tell(toHost ? "read" : "upload", id, op);
    place[toHost ? "host" : "card"] = true;
  }

  #tell(kind: Crossing["kind"], id: number, op?: string): void {
    const { shape, dtype } = this.#types.get(id) ?? { shape: [], dtype: 0 };
    const { name, bytes } = elementType(dtype);
    const size = shape.reduce((product, length) => product * length, 1);
    this.crossings.push({ kind, op, what: `[${shape.join(", ")}] ${name}`, bytes: bytes * size });
  }

  /** What was there before this began is on the card. */
  #placeOf(id: number): Place {
    let place = this.#places.get(id);
    if (!place) this.#places.set(id, place = { host: false, card: true });
    return place;
  }
}

/** The arguments one by one: one that stands for many takes those that are left. */
function namesOf(list: Argument[], count: number): Argument[] {
  const spare = count - list.filter(({ many }) => !many).length;
  const many = list.filter(({ many }) => many).length;
  return list.flatMap((argument) => argument.many ? Array<Argument>(spare / many).fill(argument) : [argument]);
}
