import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "./check_options.ts";
import { linear } from "./functional.ts";
import { type Initializer, kaimingUniform, uniform } from "./init.ts";
import { Module } from "./module.ts";
import { checkWhole } from "./pair.ts";
import { Parameter } from "./parameter.ts";
import { pythonBool } from "./print.ts";

/** Options of {@linkcode Linear}. */
export interface LinearOptions {
  /** Whether each output has a number added; true. */
  bias?: boolean;
  /** How the weight starts; torch's kaiming uniform unless given. */
  init?: Initializer;
  /** How the bias starts; torch's uniform within 1 / √inFeatures unless given. */
  biasInit?: Initializer;
}

/**
 * A fully connected layer, `x · weightᵀ + bias`, over the last axis: torch.nn.Linear.
 *
 * `weight` has torch's shape `[outFeatures, inFeatures]`.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const head = new nn.Linear(512, 9);
 * console.log(head.forward(tf.zeros([2, 512])).shape); // [ 2, 9 ]
 * ```
 */
export class Linear extends Module {
  weight: Parameter;
  bias: Parameter | null;

  /** @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name */
  constructor(readonly inFeatures: number, readonly outFeatures: number, options: LinearOptions = {}) {
    super();
    checkOptions("make Linear", options, ["bias", "init", "biasInit"]);
    checkWhole("Linear", "inFeatures", inFeatures, 1);
    checkWhole("Linear", "outFeatures", outFeatures, 1);
    const bound = 1 / Math.sqrt(inFeatures);
    const { bias = true, init = kaimingUniform(Math.sqrt(5)), biasInit = uniform(-bound, bound) } = options;
    this.weight = new Parameter([outFeatures, inFeatures], init);
    this.bias = bias ? new Parameter([outFeatures], biasInit) : null;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (x.shape.at(-1) !== this.inFeatures) {
      throw new TypeError(`expected input [N, ${this.inFeatures}], found [${x.shape.join(", ")}]`);
    }
    return linear(x, this.weight.value, this.bias?.value);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${pythonBool(this.bias !== null)}`;
  }
}
