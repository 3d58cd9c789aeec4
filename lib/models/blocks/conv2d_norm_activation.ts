import { checkOptions } from "../../nn/check_options.ts";
import * as nn from "../../nn/mod.ts";
import type { NormLayer } from "./norm_layer.ts";

/** Makes a convolution; `padding` is torch's. */
export type ConvLayer = (
  inChannels: number,
  outChannels: number,
  kernelSize: number,
  options: nn.Conv2dOptions,
) => nn.Conv2d;

/** Options of {@linkcode Conv2dNormActivation}, with torchvision's defaults. */
export interface Conv2dNormActivationOptions {
  /** Height and width of the filter, in pixels; 3. */
  kernelSize?: number;
  /** Step between windows, in pixels; 1. */
  stride?: number;
  /** Zeros at both ends of each axis; as many as keep the size for a stride of 1. */
  padding?: number;
  /** Independent groups of channels; 1. */
  groups?: number;
  /** The normalization; batch norm. `null` leaves it out and gives the convolution a bias. */
  normLayer?: NormLayer | null;
  /** Whether the convolution has a bias; only where there is no normalization. */
  bias?: boolean;
  /** The activation; ReLU. `null` leaves it out. */
  activationLayer?: (() => nn.Module) | null;
  /** Distance between the filter's taps; 1. */
  dilation?: number;
  /** The convolution; Conv2d. */
  convLayer?: ConvLayer;
  /** How the convolution's weight starts. */
  init?: nn.init.Initializer;
  /** How its bias starts. */
  biasInit?: nn.init.Initializer;
}

const known = [
  "kernelSize",
  "stride",
  "padding",
  "groups",
  "normLayer",
  "bias",
  "activationLayer",
  "dilation",
  "convLayer",
  "init",
  "biasInit",
] as const;

/**
 * A convolution, its normalization and its activation: torchvision.ops.Conv2dNormActivation.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const block = new models.Conv2dNormActivation(3, 8, { stride: 2, activationLayer: null });
 * console.log([...block].map((module) => module.constructor.name)); // [ "Conv2d", "BatchNorm2d" ]
 * ```
 */
export class Conv2dNormActivation extends nn.Sequential {
  /** @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name */
  constructor(inChannels: number, readonly outChannels: number, options: Conv2dNormActivationOptions = {}) {
    checkOptions("make Conv2dNormActivation", options, known);
    const { kernelSize = 3, stride = 1, groups = 1, dilation = 1, init, biasInit } = options;
    const { normLayer = (channels) => new nn.BatchNorm2d(channels) } = options;
    const { activationLayer = () => new nn.ReLU({ inplace: true }) } = options;
    const { convLayer = (...args: Parameters<ConvLayer>) => new nn.Conv2d(...args) } = options;
    const { padding = ((kernelSize - 1) >> 1) * dilation } = options;
    const { bias = normLayer === null } = options;
    const conv = { stride, padding, dilation, groups, bias, ...(init && { init }), ...(biasInit && { biasInit }) };
    super(
      convLayer(inChannels, outChannels, kernelSize, conv),
      ...(normLayer ? [normLayer(outChannels)] : []),
      ...(activationLayer ? [activationLayer()] : []),
    );
  }
}
