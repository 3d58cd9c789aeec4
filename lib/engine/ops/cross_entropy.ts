import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * Cross entropy of each example, from logits, differentiable in the logits.
 *
 * @param logits `[N, classes]`
 * @param labels `[N]` int32, each below the number of classes
 * @returns `[N]`, in nats
 */
export function sparseCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  if (hasKernel("ThawCrossEntropy")) {
    return runKernel<tf.Tensor[]>("ThawCrossEntropy", { logits, labels })[0] as tf.Tensor1D;
  }
  const expected = tf.oneHot(labels, logits.shape[1]);
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), expected), 1));
}
