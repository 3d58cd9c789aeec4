import type * as tf from "@tensorflow/tfjs";
import { samePadding } from "../../engine/ops/conv2d.ts";
import { checkOptions } from "../../nn/check_options.ts";
import * as nn from "../../nn/mod.ts";

/** Options of {@linkcode Conv2dSame}: those of Conv2d, but for the padding. */
export type Conv2dSameOptions = Omit<nn.Conv2dOptions, "padding">;

/**
 * A convolution that pads as TensorFlow does: the output has 1 / stride of the input's size, rounded up, and where the zeros
 * cannot be the same on both sides there is one more below and at the right. torch would put it above and at the left, so
 * networks trained in TensorFlow need this.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const conv = new models.Conv2dSame(3, 8, 3, { stride: 2 });
 * console.log(conv.forward(tf.zeros([1, 5, 8, 3])).shape); // [ 1, 3, 4, 8 ]
 * ```
 */
export class Conv2dSame extends nn.Conv2d {
  /** @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name */
  constructor(inChannels: number, outChannels: number, kernelSize: nn.Size2d, options: Conv2dSameOptions = {}) {
    checkOptions("make Conv2dSame", options, ["stride", "dilation", "groups", "bias", "init", "biasInit"]);
    super(inChannels, outChannels, kernelSize, { ...options, padding: 0 });
  }

  protected override sides({ shape: [, height, width] }: tf.Tensor4D): [number, number, number, number] {
    const [vertical, horizontal] = [height, width].map((size, axis) =>
      samePadding(size, this.kernelSize[axis], this.stride[axis], this.dilation[axis])
    );
    return [...vertical, ...horizontal];
  }
}
