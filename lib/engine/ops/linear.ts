import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * A fully connected layer over the last axis, differentiable: `x · weightᵀ + bias`.
 *
 * @param x `[..., in]`
 * @param weight `[out, in]`
 * @param bias `[out]`; 0 where undefined
 * @returns `[..., out]`
 */
export function linear(x: tf.Tensor, weight: tf.Tensor2D, bias?: tf.Tensor1D): tf.Tensor {
  if (hasKernel("ThawLinear")) return runKernel("ThawLinear", bias ? { x, weight, bias } : { x, weight });
  const product = tf.matMul(x.reshape<tf.Tensor2D>([-1, weight.shape[1]]), weight, false, true);
  const y = bias ? tf.add(product, bias) : product;
  return y.reshape([...x.shape.slice(0, -1), weight.shape[0]]);
}
