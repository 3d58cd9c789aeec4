import * as tf from "@tensorflow/tfjs";
import type { Entry } from "../weights/state_dict.ts";
import type { Stored } from "./parameter.ts";

/**
 * Whole numbers in a network's state that say where to look something up, such as the relative positions within an attention
 * window (int64 in torch). They live outside the engine, follow from the network's structure, and never train.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 *
 * const index = new nn.IndexBuffer([2, 2], Int32Array.of(0, 1, 2, 3));
 * console.log(index.size, index.tensor().dtype); // 4 int32
 * ```
 */
export class IndexBuffer implements Stored {
  readonly dtype = "int64";
  #values: Int32Array;
  readonly #first: Int32Array;

  /**
   * @param shape torch's shape
   * @param values in torch's order, as many as the shape has
   */
  constructor(readonly shape: readonly number[], values: Int32Array) {
    this.#first = this.#values = values;
  }

  get size(): number {
    return this.#values.length;
  }

  /** The numbers, not to be changed. */
  get values(): Int32Array {
    return this.#values;
  }

  /** The numbers as a tensor of the same shape, which is the caller's. */
  tensor(): tf.Tensor {
    return tf.tensor(this.#values, [...this.shape], "int32");
  }

  reset(): void {
    this.#values = this.#first;
  }

  entry(): Entry {
    const bits = BigInt64Array.from(this.#values, BigInt);
    return {
      shape: this.shape,
      dtype: "int64",
      data: () => Promise.resolve(bits.slice()),
      dataSync: () => bits.slice(),
    };
  }

  accepts(entry: Entry): boolean {
    return entry.dataSync !== undefined;
  }

  load(entry: Entry): void {
    this.#values = Int32Array.from(entry.dataSync!(), Number);
  }
}
