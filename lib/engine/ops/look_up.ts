import * as tf from "@tensorflow/tfjs";
import { hasKernel } from "./kernel.ts";

/**
 * Takes rows of a table, any of them as often as it is wanted, differentiable in the table on every rung.
 *
 * @param table `[rows, C]`
 * @param index which row, each at least 0 and below the number of rows
 * @returns `[index.length, C]`
 */
export function lookUp(table: tf.Tensor2D, index: Int32Array): tf.Tensor2D {
  const rows = tf.tensor1d(index, "int32");
  // The gradient of tfjs's gather, which adds up the slopes of equal rows, has a kernel of its own.
  if (hasKernel("UnsortedSegmentSum")) return tf.gather(table, rows);
  const found = tf.customGrad((entries) => ({
    value: tf.gather(entries as tf.Tensor2D, rows),
    gradFunc: (slope: tf.Tensor) => {
      const each = tf.oneHot(tf.tensor1d(index, "int32"), table.shape[0]) as tf.Tensor2D;
      return tf.matMul(tf.cast(each, "float32"), slope as tf.Tensor2D, true);
    },
  }));
  return found(table) as tf.Tensor2D;
}
