import * as tf from "@tensorflow/tfjs";
import { bring } from "./bring.ts";

/** The rows of a tensor `[N, …]` at these positions, in this order: a batch of what the engine has. */
export function gatherRows<T extends tf.Tensor>(rows: T, positions: ArrayLike<number>): T {
  return tf.tidy(() => {
    const index = tf.tensor1d(Int32Array.from(positions), "int32");
    bring(index);
    return tf.gather(rows, index);
  });
}
