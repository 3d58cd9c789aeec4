import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../../nn/check_options.ts";
import * as nn from "../../nn/mod.ts";

/** Options of {@linkcode SqueezeExcitation}, with torchvision's defaults. */
export interface SqueezeExcitationOptions {
  /** The activation between the two convolutions; ReLU. */
  activation?: () => nn.Module;
  /** What makes factors of the second one's output; Sigmoid. */
  scaleActivation?: () => nn.Module;
  /** How the convolutions' weights start. */
  init?: nn.init.Initializer;
  /** How their biases start. */
  biasInit?: nn.init.Initializer;
}

/**
 * Multiplies each channel by a factor that depends on the whole picture (Hu et al. 2018): the channels' means go through two
 * fully connected layers, written as 1×1 convolutions. torchvision.ops.SqueezeExcitation.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const block = new models.SqueezeExcitation(8, 2);
 * console.log(block.forward(tf.zeros([1, 4, 4, 8])).shape); // [ 1, 4, 4, 8 ]
 * ```
 */
export class SqueezeExcitation extends nn.Module {
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d(1);
  fc1: nn.Conv2d;
  fc2: nn.Conv2d;
  activation: nn.Module;
  scale_activation: nn.Module;

  /**
   * @param inputChannels channels of the feature maps
   * @param squeezeChannels channels between the two layers
   * @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name
   */
  constructor(inputChannels: number, squeezeChannels: number, options: SqueezeExcitationOptions = {}) {
    super();
    checkOptions("make SqueezeExcitation", options, ["activation", "scaleActivation", "init", "biasInit"]);
    const { activation = () => new nn.ReLU(), scaleActivation = () => new nn.Sigmoid(), ...initial } = options;
    this.fc1 = new nn.Conv2d(inputChannels, squeezeChannels, 1, initial);
    this.fc2 = new nn.Conv2d(squeezeChannels, inputChannels, 1, initial);
    this.activation = activation();
    this.scale_activation = scaleActivation();
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const hidden = this.activation.forward(this.fc1.forward(this.avgpool.forward(x)));
    return tf.mul(this.scale_activation.forward(this.fc2.forward(hidden)), x);
  }
}
