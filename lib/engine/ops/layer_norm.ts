import * as tf from "@tensorflow/tfjs";

/**
 * Layer normalization over the last axis, differentiable (Ba, Kiros & Hinton 2016):
 * `(x − mean) / √(variance + epsilon) · scale + offset`.
 *
 * @param x `[N, C]`
 * @param scale `[C]`; 1 where undefined
 * @param offset `[C]`; 0 where undefined
 * @returns `[N, C]`
 */
export function layerNorm(
  x: tf.Tensor2D,
  scale: tf.Tensor1D | undefined,
  offset: tf.Tensor1D | undefined,
  epsilon: number,
): tf.Tensor2D {
  const { mean, variance } = tf.moments(x, 1, true);
  const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
  const scaled = scale ? tf.mul(normal, scale) : normal;
  return (offset ? tf.add(scaled, offset) : scaled) as tf.Tensor2D;
}
