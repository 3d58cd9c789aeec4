import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * A tensor of values that never change, such as the order in which rows are taken. Where the engine has memory of its own they
 * are brought there once and stay as long as somebody holds `values`: on a card, bringing them again would wait for all that is
 * queued there.
 *
 * @param values float32 or int32 numbers, the same array every time
 * @returns to be disposed of as any other
 */
export function constant<T extends tf.Tensor = tf.Tensor>(values: Float32Array | Int32Array, shape: number[]): T {
  if (hasKernel("ThawConstant")) return runKernel("ThawConstant", {}, { values, shape });
  return tf.tensor(values.slice(), shape, values instanceof Int32Array ? "int32" : "float32") as T;
}
