import type * as tf from "@tensorflow/tfjs";
import * as nn from "../../nn/mod.ts";
import { Conv2dNormActivation, type Conv2dNormActivationOptions } from "./conv2d_norm_activation.ts";
import { makeDivisible } from "./make_divisible.ts";
import { StochasticDepth } from "./stochastic_depth.ts";

/** What one {@linkcode MBConv} is like. */
export interface MBConvSettings {
  /** How many times the input's channels the block is wide inside. */
  expandRatio: number;
  /** Height and width of the depthwise filters, in pixels. */
  kernel: number;
  /** Step of the depthwise convolution, in pixels: 1 or 2. */
  stride: number;
  inputChannels: number;
  outChannels: number;
}

/** The layers that a family of networks makes its blocks of. */
export interface BlockLayers
  extends Pick<Conv2dNormActivationOptions, "normLayer" | "activationLayer" | "convLayer" | "init"> {
  /** Makes what weighs the block's inner channels, given their number and that of the input's; none unless given. */
  seLayer?: ((channels: number, inputChannels: number) => nn.Module) | null;
}

/**
 * The inverted bottleneck of EfficientNet (Tan & Le 2019): a 1×1 convolution up to many channels, a depthwise one there, a
 * weighing of the channels, a 1×1 convolution down again without activation, and the input added where the shapes allow it.
 * Named and laid out as torchvision's MBConv; without `seLayer` it is that of EfficientNet-Lite.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const settings = { expandRatio: 6, kernel: 3, stride: 1, inputChannels: 8, outChannels: 8 };
 * const seLayer = (channels: number) => new models.SqueezeExcitation(channels, 2);
 * const [lite, full] = [new models.MBConv(settings, 0.1), new models.MBConv(settings, 0.1, { seLayer })];
 * console.log(lite.block.length, full.block.length); // 3 4
 * ```
 */
export class MBConv extends nn.Module {
  block: nn.Sequential;
  stochastic_depth: StochasticDepth;
  /** Whether the input is added to the output. */
  readonly hasShortcut: boolean;

  /**
   * @param stochasticDepth the probability that training leaves the block out
   * @throws {RangeError} naming what cannot be
   */
  constructor(settings: MBConvSettings, stochasticDepth: number, { seLayer, ...layers }: BlockLayers = {}) {
    super();
    const { kernel, stride, inputChannels, outChannels } = settings;
    checkStride("MBConv", stride);
    const width = expandedChannels(settings);
    const expand = () => new Conv2dNormActivation(inputChannels, width, { kernelSize: 1, ...layers });
    this.block = new nn.Sequential(
      ...(width === inputChannels ? [] : [expand()]),
      new Conv2dNormActivation(width, width, { kernelSize: kernel, stride, groups: width, ...layers }),
      ...(seLayer ? [seLayer(width, inputChannels)] : []),
      new Conv2dNormActivation(width, outChannels, { kernelSize: 1, ...layers, activationLayer: null }),
    );
    this.stochastic_depth = new StochasticDepth(stochasticDepth, "row");
    this.hasShortcut = stride === 1 && inputChannels === outChannels;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const y = this.block.forward(x);
    return this.hasShortcut ? this.stochastic_depth.forward(y).add(x) : y;
  }
}

/** How wide a block is inside. */
export function expandedChannels({ inputChannels, expandRatio }: MBConvSettings): number {
  return makeDivisible(inputChannels * expandRatio, 8);
}

/**
 * Checks the stride of an inverted bottleneck.
 *
 * @throws {RangeError} where it is neither 1 nor 2
 */
export function checkStride(block: string, stride: number): void {
  if (stride === 1 || stride === 2) return;
  throw new RangeError(`Cannot make ${block}: expected stride 1 or 2, found ${stride}`);
}
