import * as tf from "@tensorflow/tfjs";
import { constant } from "./constant.ts";
import { hasKernel } from "./kernel.ts";

/**
 * Takes rows of a table, any of them as often as it is wanted, differentiable in the table on every rung.
 *
 * @param table `[rows, C]`
 * @param index which row, each at least 0 and below the number of rows; an array that does not change
 * @returns `[index.length, C]`
 */
export function lookUp(table: tf.Tensor2D, index: Int32Array): tf.Tensor2D {
  const rows = () => constant<tf.Tensor1D>(index, [index.length]);
  const found = tf.customGrad((entries) => ({
    value: tf.gather(entries as tf.Tensor2D, rows()),
    gradFunc: (slope: tf.Tensor) => {
      // What adds up the slopes of equal rows is a kernel of its own.
      if (hasKernel("UnsortedSegmentSum")) return tf.unsortedSegmentSum(slope as tf.Tensor2D, rows(), table.shape[0]);
      const each = tf.oneHot(rows(), table.shape[0]) as tf.Tensor2D;
      return tf.matMul(tf.cast(each, "float32"), slope as tf.Tensor2D, true);
    },
  }));
  return found(table) as tf.Tensor2D;
}
