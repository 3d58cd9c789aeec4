import type * as tf from "@tensorflow/tfjs";
import * as nn from "../../nn/mod.ts";
import { Conv2dNormActivation, type Conv2dNormActivationOptions } from "./conv2d_norm_activation.ts";
import { StochasticDepth } from "./stochastic_depth.ts";

/** What one {@linkcode MBConv} is like. */
export interface MBConvSettings {
  /** How many times the input's channels the block is wide inside. */
  expandRatio: number;
  /** Height and width of the depthwise filters, in pixels. */
  kernel: number;
  /** Step of the depthwise convolution, in pixels. */
  stride: number;
  inputChannels: number;
  outChannels: number;
}

/** The layers that a family of networks makes its blocks of. */
export type BlockLayers = Pick<Conv2dNormActivationOptions, "normLayer" | "activationLayer" | "convLayer" | "init">;

/**
 * The inverted bottleneck of MobileNetV2 (Sandler et al. 2018) and EfficientNet, without squeeze-and-excitation: a 1×1
 * convolution up to many channels, a depthwise one there, a 1×1 down again without activation, and the input added where the
 * shapes allow it. Named and laid out as torchvision's MBConv.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const block = new models.MBConv({ expandRatio: 6, kernel: 3, stride: 1, inputChannels: 8, outChannels: 8 }, 0.1);
 * console.log(block.block.length, block.hasShortcut); // 3 true
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
  constructor(settings: MBConvSettings, stochasticDepth: number, layers: BlockLayers = {}) {
    super();
    const { expandRatio, kernel, stride, inputChannels, outChannels } = settings;
    const width = inputChannels * expandRatio;
    const expand = () => new Conv2dNormActivation(inputChannels, width, { kernelSize: 1, ...layers });
    this.block = new nn.Sequential(
      ...(expandRatio === 1 ? [] : [expand()]),
      new Conv2dNormActivation(width, width, { kernelSize: kernel, stride, groups: width, ...layers }),
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
