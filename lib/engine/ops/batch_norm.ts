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

/** What batch norm remembers of the batches that it has seen, `[C]` each. */
export interface RunningStatistics {
  mean: tf.Tensor1D;
  variance: tf.Tensor1D;
}

/**
 * Batch normalization with the batch's own statistics (training), differentiable through the statistics
 * (Ioffe & Szegedy 2015).
 *
 * @param x input `[N, H, W, C]`
 * @param running the statistics so far
 * @param share how much of the batch's statistics (the variance with Bessel's correction) goes into them
 * @returns the normalized batch, and the running statistics with this batch among them
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  running: RunningStatistics,
  share: number,
  epsilon: number,
): { y: tf.Tensor4D } & RunningStatistics {
  if (hasKernel("ThawBatchNormTraining")) {
    const inputs = { x, scale, offset, mean: running.mean, variance: running.variance };
    const [y, mean, variance] = runKernel<tf.Tensor[]>("ThawBatchNormTraining", inputs, { epsilon, share });
    return { y: y as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
  }
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  const y = tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset, scale, epsilon);
  const count = x.size / x.shape[3];
  const move = (old: tf.Tensor1D, seen: tf.Tensor) =>
    tf.add(tf.mul(old, 1 - share), tf.mul(seen, share)) as tf.Tensor1D;
  const unbiased = tf.mul(variance, count / (count - 1));
  return { y, mean: move(running.mean, mean), variance: move(running.variance, unbiased) };
}
