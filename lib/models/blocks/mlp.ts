import { checkOptions } from "../../nn/check_options.ts";
import * as nn from "../../nn/mod.ts";

/** Options of {@linkcode MLP}, with torchvision's defaults. */
export interface MLPOptions {
  /** The activation behind every layer but the last; ReLU. */
  activationLayer?: () => nn.Module;
  /** The normalization in front of the activation; none. */
  normLayer?: (features: number) => nn.Module;
  /** Whether the layers have a bias; true. */
  bias?: boolean;
  /** The probability with which training drops a feature, behind every layer; 0. */
  dropout?: number;
  /** How the weights start. */
  init?: nn.init.Initializer;
  /** How the biases start. */
  biasInit?: nn.init.Initializer;
}

/**
 * Fully connected layers one after the other, each but the last with an activation: torchvision.ops.MLP.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const mlp = new models.MLP(8, [32, 8]);
 * console.log([...mlp].map((module) => module.constructor.name).join(" ")); // Linear ReLU Dropout Linear Dropout
 * ```
 */
export class MLP extends nn.Sequential {
  /**
   * @param inChannels features of the input
   * @param hiddenChannels features of each layer's output, the last one's included
   * @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name
   */
  constructor(inChannels: number, hiddenChannels: readonly number[], options: MLPOptions = {}) {
    checkOptions("make MLP", options, ["activationLayer", "normLayer", "bias", "dropout", "init", "biasInit"]);
    const { activationLayer = () => new nn.ReLU(), normLayer, dropout = 0, ...linear } = options;
    const widths = [inChannels, ...hiddenChannels];
    super(...hiddenChannels.flatMap((width, i) => [
      new nn.Linear(widths[i], width, linear),
      ...(i === hiddenChannels.length - 1 ? [] : [...(normLayer ? [normLayer(width)] : []), activationLayer()]),
      new nn.Dropout(dropout),
    ]));
  }
}
