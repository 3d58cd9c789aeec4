import * as tf from "@tensorflow/tfjs";
import { randomUniform } from "../engine/ops/random_uniform.ts";
import type { ActivationOptions } from "./activations.ts";
import { checkOptions } from "./check_options.ts";
import { Module } from "./module.ts";
import { pythonFloat } from "./print.ts";

/**
 * While training, sets each value to zero with probability `p` and scales the others by `1 / (1 − p)`
 * (Srivastava et al. 2014): torch.nn.Dropout. Off in evaluation and in a frozen part.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * console.log(await new nn.Dropout(0.5).eval().forward(tf.tensor([1, 2])).data()); // Float32Array(2) [ 1, 2 ]
 * ```
 */
export class Dropout extends Module {
  readonly inplace: boolean;

  /** @throws {RangeError} where `p` is not a probability, {TypeError} where the options are not by name */
  constructor(public p = 0.5, options: ActivationOptions = {}) {
    super();
    checkOptions("make Dropout", options, ["inplace"]);
    this.inplace = options.inplace ?? false;
    if (!(p >= 0 && p <= 1)) throw new RangeError(`Cannot make Dropout: expected p from 0 to 1, found ${p}`);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (!this.isTraining || this.p === 0) return x.clone();
    if (this.p === 1) return tf.zerosLike(x);
    const kept = tf.cast(tf.greaterEqual(randomUniform(x.shape), this.p), "float32");
    return tf.mul(x, tf.mul(kept, 1 / (1 - this.p)));
  }

  override extraRepr(): string {
    return `p=${pythonFloat(this.p)}, inplace=${this.inplace ? "True" : "False"}`;
  }
}
