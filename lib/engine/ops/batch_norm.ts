import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * Batch normalization with given statistics (evaluation), differentiable in input, scale and offset:
 * `(x − mean) / √(variance + epsilon) · scale + offset`.
 *
 * @param x input `[N, H, W, C]`; the other tensors are `[C]`
 */
export function batchNorm(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  epsilon: number,
): tf.Tensor4D {
  if (hasKernel("ThawBatchNorm")) return runKernel("ThawBatchNorm", { x, scale, offset, mean, variance }, { epsilon });
  return tf.batchNorm(x, mean, variance, offset, scale, epsilon);
}

/**
 * Batch normalization with the batch's own statistics (training), differentiable through the statistics
 * (Ioffe & Szegedy 2015).
 *
 * @param x input `[N, H, W, C]`
 * @returns the normalized batch, and its mean and unbiased variance `[C]`
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  epsilon: number,
): { y: tf.Tensor4D; mean: tf.Tensor1D; variance: tf.Tensor1D } {
  if (hasKernel("ThawBatchNormTraining")) {
    const [y, mean, variance] = runKernel<tf.Tensor[]>("ThawBatchNormTraining", { x, scale, offset }, { epsilon });
    return { y: y as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
  }
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const y = tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale, epsilon);
  const count = x.size / x.shape[3];
  return { y, mean: mean as tf.Tensor1D, variance: tf.mul(variance, count / (count - 1)) };
}
