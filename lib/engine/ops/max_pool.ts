import * as tf from "@tensorflow/tfjs";
import { pad2d } from "./conv2d.ts";
import { hasKernel, runKernel } from "./kernel.ts";
import { type PoolGeometry, poolPadding } from "./pool_geometry.ts";

/**
 * 2-D max pooling as torch's `max_pool2d`: explicit padding that never wins, and ceil mode, differentiable.
 *
 * @param x input `[N, H, W, C]`
 * @returns `[N, H', W', C]`
 */
export function maxPool2d(x: tf.Tensor4D, geometry: PoolGeometry): tf.Tensor4D {
  const { kernel, stride } = geometry;
  const input = pad2d(x, poolPadding(x.shape, geometry), -Infinity);
  if (hasKernel("ThawMaxPool")) {
    return runKernel<tf.Tensor[]>("ThawMaxPool", { x: input }, { kernel, stride })[0] as tf.Tensor4D;
  }
  return tf.maxPool(input, kernel, stride, "valid");
}
