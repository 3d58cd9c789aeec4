import * as tf from "@tensorflow/tfjs";
import { randomUniform } from "../engine/ops/random_uniform.ts";
import type { ActivationOptions } from "./activations.ts";
import { checkOptions } from "./check_options.ts";
import { Module } from "./module.ts";
import { pythonBool, pythonFloat } from "./print.ts";

/** What {@linkcode Dropout}, `Dropout2d` and `AlphaDropout` have in common; `x instanceof nn.DropoutLayer` finds them all. */
export abstract class DropoutLayer extends Module {
  readonly inplace: boolean;

  /**
   * @param p the probability with which a unit is dropped
   * @throws {RangeError} where `p` is not a probability, {TypeError} where the options are not by name
   */
  constructor(public p = 0.5, options: ActivationOptions = {}) {
    super();
    const action = `make ${new.target.name}`;
    checkOptions(action, options, ["inplace"]);
    this.inplace = options.inplace ?? false;
    if (typeof p !== "number" || !(p >= 0 && p <= 1)) {
      throw new RangeError(
        `Cannot ${action}: expected p from 0 to 1, found ${typeof p === "number" ? p : JSON.stringify(p)}`,
      );
    }
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (!this.isTraining || this.p === 0) return x.clone();
    if (this.p === 1) return tf.zerosLike(x);
    return this.drop(x, this.kept(x));
  }

  /**
   * Draws which units stay, whatever the mode: 1 with probability `1 − p`, else 0. `forward` drops by the same draw, so from
   * one seed both have the same.
   *
   * @returns of the input's shape, or of one that broadcasts to it where units go together
   */
  kept(x: tf.Tensor): tf.Tensor {
    return this.draw(x.shape);
  }

  /** Ones and zeros, each for itself. */
  protected draw(shape: number[]): tf.Tensor {
    return tf.tidy(() => tf.cast(tf.greaterEqual(randomUniform(shape), this.p), "float32"));
  }

  /** What becomes of the input, given which units stay. */
  protected drop(x: tf.Tensor, kept: tf.Tensor): tf.Tensor {
    return tf.mul(x, tf.mul(kept, 1 / (1 - this.p)));
  }

  override extraRepr(): string {
    return `p=${pythonFloat(this.p)}, inplace=${pythonBool(this.inplace)}`;
  }
}

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
export class Dropout extends DropoutLayer {}
