import { giveBack, take } from "../budget.ts";
import { type Attribute, TF_ATTR_BOOL, TF_ATTR_TYPE } from "./attributes.ts";
import { type AutocastRule, autocastRule } from "./autocast_rules.ts";
import type { TensorMetadata } from "./binding.ts";
import { TF_BFLOAT16, TF_FLOAT } from "./dtypes.ts";

/** What the binding does for {@linkcode Autocast}: tensors are meant by its numbers. */
export interface TypedTensors {
  dtype(id: number): number;
  shape(id: number): number[];
  /** Runs an op on inputs whose types are right. */
  run(name: string, attributes: readonly Attribute[], inputs: number[], outputCount: number): TensorMetadata[];
  free(id: number): void;
}

/**
 * Computes in bfloat16, op by op, as torch.autocast does: `autocast_rules.ts` says which ops. Inputs are cast where they come in
 * another type; tfjs goes on calling both types float32.
 *
 * On a CPU products are computed in float32 from numbers that were rounded, and their results are rounded: the same numbers as
 * by ops in bfloat16, which add up in float32 too. Those are many times slower where the processor has no instructions for
 * them, and oneDNN's end the process.
 */
export class Autocast {
  readonly #tensors: TypedTensors;
  readonly #hasProducts: boolean;
  /** Weights in the type that products take, by the weights themselves: cast once as long as these do not change. */
  readonly #kept = new Map<number, { id: number; bytes: number }>();
  #on = false;

  /** @param hasProducts whether the device multiplies bfloat16 by itself */
  constructor(tensors: TypedTensors, hasProducts: boolean) {
    this.#tensors = tensors;
    this.#hasProducts = hasProducts;
  }

  /** Whether ops begin to compute in bfloat16. Where it is off tensors that have it already are cast back when they are used. */
  get on(): boolean {
    return this.#on;
  }

  set on(on: boolean) {
    this.#on = on;
    if (on) return;
    for (const id of [...this.#kept.keys()]) this.forget(id);
  }

  /** Runs an op in the type that its rule says. */
  run(name: string, attributes: readonly Attribute[], inputs: number[], outputCount: number): TensorMetadata[] {
    const types = inputs.map(this.#tensors.dtype);
    const rule = this.#on ? autocastRule(name) : undefined;
    const narrow = rule ? this.#narrow(rule, inputs, types) : [];
    if (narrow.length === 0 && !types.includes(TF_BFLOAT16)) {
      return this.#tensors.run(name, attributes, inputs, outputCount);
    }
    const native = this.#hasProducts || (rule?.by !== "bfloat16" && !name.startsWith("_Mkl"));
    const temporary: number[] = [];
    const castInput = (id: number, i: number) => {
      const from = types[i], isNarrow = narrow.includes(i);
      const to = isNarrow && native ? TF_BFLOAT16 : TF_FLOAT;
      const rounds = isNarrow && !native && from === TF_FLOAT;
      if (!isFloat(from) || (from === to && !rounds)) return id;
      const make = () => rounds ? this.#rounded(id) : this.#cast(id, from, to);
      if (isNarrow && from === TF_FLOAT && i === rule!.weights) return this.#keep(id, make, native ? 2 : 4);
      const made = make();
      temporary.push(made);
      return made;
    };
    try {
      const cast = inputs.map(castInput);
      if (narrow.length === 0) return this.#tensors.run(name, attributes, cast, outputCount);
      if (native) return this.#tensors.run(name, retyped(attributes, rule!), cast, outputCount);
      return this.#tensors.run(name, attributes, cast, outputCount).map((result, i) =>
        result.dtype === TF_FLOAT && i < (rule!.outputs ?? Infinity) ? this.#roundedResult(result) : result
      );
    } finally {
      temporary.forEach(this.#tensors.free);
    }
  }

  /** Frees what is kept for a tensor that is freed itself. */
  forget(id: number): void {
    const copy = this.#kept.get(id);
    if (!copy) return;
    this.#kept.delete(id);
    this.#tensors.free(copy.id);
    giveBack(copy.bytes);
  }

  /** The positions of the inputs that are to be bfloat16; none where the op takes float32. */
  #narrow({ by, inputs: positions, isAside }: AutocastRule, inputs: number[], types: number[]): number[] {
    const concerned = (positions ?? [...types.keys()]).filter((i) => isFloat(types[i]));
    if (by === "bfloat16") return concerned;
    if (by !== "inputs") return types[by] === TF_BFLOAT16 ? concerned : [];
    const wide = concerned.filter((i) => types[i] === TF_FLOAT);
    if (wide.length === 0 || wide.length === concerned.length) return wide.length ? [] : concerned;
    const shapes = new Map(concerned.map((i) => [i, this.#tensors.shape(inputs[i])]));
    const other = concerned.filter((i) => !wide.includes(i)).map((i) => shapes.get(i)!)
      .reduce((most, shape) => shape.length > most.length ? shape : most);
    const areAsides = wide.map((i) => shapes.get(i)!)
      .every((shape) => (shape.length === 0 && other.length > 0) || isAside?.(shape, other));
    return areAsides ? concerned : [];
  }

  /** What is kept for a tensor, made where it is not there. */
  #keep(id: number, make: () => number, bytesEach: number): number {
    const known = this.#kept.get(id);
    if (known) return known.id;
    const bytes = this.#tensors.shape(id).reduce((product, size) => product * size, bytesEach);
    const copy = { id: make(), bytes };
    this.#kept.set(id, copy);
    take(bytes);
    return copy.id;
  }

  /** The same numbers as bfloat16 has them, in float32. */
  #rounded(id: number): number {
    const narrow = this.#cast(id, TF_FLOAT, TF_BFLOAT16);
    const wide = this.#cast(narrow, TF_BFLOAT16, TF_FLOAT);
    this.#tensors.free(narrow);
    return wide;
  }

  #roundedResult(result: TensorMetadata): TensorMetadata {
    const id = this.#cast(result.id, TF_FLOAT, TF_BFLOAT16);
    this.#tensors.free(result.id);
    return { ...result, id, dtype: TF_BFLOAT16 };
  }

  #cast(id: number, from: number, to: number): number {
    const attributes = [
      { name: "SrcT", type: TF_ATTR_TYPE, value: from },
      { name: "DstT", type: TF_ATTR_TYPE, value: to },
      { name: "Truncate", type: TF_ATTR_BOOL, value: false },
    ];
    return this.#tensors.run("Cast", attributes, [id], 1)[0].id;
  }
}

function isFloat(dtype: number): boolean {
  return dtype === TF_FLOAT || dtype === TF_BFLOAT16;
}

/** An op's attributes with bfloat16 for its element type. */
function retyped(attributes: readonly Attribute[], { attribute = "T" }: AutocastRule): Attribute[] {
  return attributes.map((one) =>
    one.name === attribute && one.type === TF_ATTR_TYPE ? { ...one, value: TF_BFLOAT16 } : one
  );
}
