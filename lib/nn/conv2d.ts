import * as tf from "@tensorflow/tfjs";
import { conv2d } from "../engine/ops/conv2d.ts";
import { checkImages } from "./check_input.ts";
import { checkOptions } from "./check_options.ts";
import { fanIn, type Initializer, kaimingUniform, uniform } from "./init.ts";
import { Module } from "./module.ts";
import { checkSize, checkWhole, pair, type Size2d } from "./pair.ts";
import { Parameter } from "./parameter.ts";
import { pythonSize } from "./print.ts";

/** Options of {@linkcode Conv2d}, with torch's defaults. */
export interface Conv2dOptions {
  /** Step between windows, in pixels; 1. */
  stride?: Size2d;
  /** Zeros at both ends of each axis, in pixels; 0. `"same"` keeps the size, for a stride of 1. */
  padding?: Size2d | "same" | "valid";
  /** Distance between the filter's taps; 1. */
  dilation?: Size2d;
  /** Independent groups of channels; 1. As many as input channels makes it depthwise. */
  groups?: number;
  /** Whether each output channel has a number added; true. */
  bias?: boolean;
  /** How the weight starts; torch's kaiming uniform unless given. */
  init?: Initializer;
  /** How the bias starts; torch's uniform within 1 / √fan_in unless given. */
  biasInit?: Initializer;
}

/**
 * 2-D convolution over `[N, H, W, inChannels]`: torch.nn.Conv2d.
 *
 * `weight` has torch's shape `[outChannels, inChannels / groups, kh, kw]`, `bias` `[outChannels]`.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const conv = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
 * console.log(String(conv)); // Conv2d(3, 64, kernel_size=(7, 7), stride=(2, 2), padding=(3, 3), bias=False)
 * console.log(conv.forward(tf.zeros([1, 224, 224, 3])).shape); // [ 1, 112, 112, 64 ]
 * ```
 */
export class Conv2d extends Module {
  weight: Parameter;
  bias: Parameter | null;
  readonly kernelSize: [number, number];
  readonly stride: [number, number];
  readonly padding: Size2d | "same" | "valid";
  readonly dilation: [number, number];
  readonly groups: number;

  /** @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name */
  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Size2d,
    options: Conv2dOptions = {},
  ) {
    super();
    checkOptions("make Conv2d", options, ["stride", "padding", "dilation", "groups", "bias", "init", "biasInit"]);
    const { stride = 1, padding = 0, dilation = 1, groups = 1, bias = true, init = kaimingUniform(Math.sqrt(5)) } =
      options;
    checkWhole("Conv2d", "inChannels", inChannels, 1);
    checkWhole("Conv2d", "outChannels", outChannels, 1);
    checkSize("Conv2d", "kernelSize", kernelSize, 1);
    checkSize("Conv2d", "stride", stride, 1);
    checkSize("Conv2d", "dilation", dilation, 1);
    checkWhole("Conv2d", "groups", groups, 1);
    if (typeof padding !== "string") checkSize("Conv2d", "padding", padding, 0);
    else if (padding !== "same" && padding !== "valid") {
      throw new RangeError(
        `Cannot make Conv2d: expected padding to be "same", "valid" or a number of pixels, found "${padding}"`,
      );
    }
    if (inChannels % groups || outChannels % groups) {
      throw new RangeError(
        `Cannot make Conv2d: expected channels divisible by groups ${groups}, found ${inChannels} in and ${outChannels} out`,
      );
    }
    this.kernelSize = pair(kernelSize);
    this.stride = pair(stride);
    this.padding = typeof padding === "string" ? padding : pair(padding);
    this.dilation = pair(dilation);
    this.groups = groups;
    if (padding === "same" && (this.stride[0] > 1 || this.stride[1] > 1)) {
      throw new RangeError(`Cannot make Conv2d: padding "same" needs a stride of 1, found ${pythonSize(this.stride)}`);
    }
    const shape = [outChannels, inChannels / groups, ...this.kernelSize];
    const bound = 1 / Math.sqrt(fanIn(shape));
    const { biasInit = uniform(-bound, bound) } = options;
    this.weight = new Parameter(shape, init, "conv");
    this.bias = bias ? new Parameter([outChannels], biasInit) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor4D {
    const images = checkImages(x, this.inChannels);
    const y = conv2d(images, this.weight.value as tf.Tensor as tf.Tensor4D, {
      stride: this.stride,
      padding: this.sides(images),
      dilation: this.dilation,
      groups: this.groups,
    });
    return this.bias ? tf.add(y, this.bias.value) : y;
  }

  /** The zeros around this input: `[top, bottom, left, right]`. */
  protected sides(_images: tf.Tensor4D): [number, number, number, number] {
    if (typeof this.padding !== "string") {
      const [vertical, horizontal] = pair(this.padding);
      return [vertical, vertical, horizontal, horizontal];
    }
    if (this.padding === "valid") return [0, 0, 0, 0];
    const total = this.kernelSize.map((k, axis) => (k - 1) * this.dilation[axis]);
    return [total[0] >> 1, (total[0] + 1) >> 1, total[1] >> 1, (total[1] + 1) >> 1];
  }

  override extraRepr(): string {
    const parts = [`${this.inChannels}, ${this.outChannels}, kernel_size=${pythonSize(this.kernelSize)}`];
    parts.push(`stride=${pythonSize(this.stride)}`);
    if (typeof this.padding === "string") parts.push(`padding=${this.padding}`);
    else if (pair(this.padding).some((p) => p !== 0)) parts.push(`padding=${pythonSize(pair(this.padding))}`);
    if (this.dilation.some((d) => d !== 1)) parts.push(`dilation=${pythonSize(this.dilation)}`);
    if (this.groups !== 1) parts.push(`groups=${this.groups}`);
    if (!this.bias) parts.push("bias=False");
    return parts.join(", ");
  }
}
