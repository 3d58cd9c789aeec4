import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

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
  if (hasKernel("ThawLayerNorm")) {
    const inputs = { x, scale: scale ?? tf.ones([x.shape[1]]), offset: offset ?? tf.zeros([x.shape[1]]) };
    return runKernel("ThawLayerNorm", inputs, { epsilon });
  }
  const { mean, variance } = tf.moments(x, 1, true);
  const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
  const scaled = scale ? tf.mul(normal, scale) : normal;
  return (offset ? tf.add(scaled, offset) : scaled) as tf.Tensor2D;
}
