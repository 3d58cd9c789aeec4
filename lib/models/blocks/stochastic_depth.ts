import * as tf from "@tensorflow/tfjs";
import { randomUniform } from "../../engine/ops/random_uniform.ts";
import { Module } from "../../nn/mod.ts";
import { pythonFloat } from "../../nn/print.ts";

/**
 * While training, leaves out a residual branch with probability `p` and scales it by `1 / (1 − p)` otherwise (Huang et al.
 * 2016): torchvision.ops.StochasticDepth. Off in evaluation and in a frozen part.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * console.log(String(new models.StochasticDepth(0.2, "row"))); // StochasticDepth(p=0.2, mode=row)
 * ```
 */
export class StochasticDepth extends Module {
  /**
   * @param p the probability that the branch is left out
   * @param mode `"row"` decides for each sample, `"batch"` for all of them at once
   * @throws {RangeError} where `p` is not a probability or the mode is another
   */
  constructor(readonly p: number, readonly mode: "row" | "batch") {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`Cannot make StochasticDepth: expected p from 0 to 1, found ${p}`);
    if (mode !== "row" && mode !== "batch") {
      throw new RangeError(
        `Cannot make StochasticDepth: expected mode "row" or "batch", found ${JSON.stringify(mode)}`,
      );
    }
  }

  override forward(x: tf.Tensor): tf.Tensor {
    if (!this.isTraining || this.p === 0) return x.clone();
    if (this.p === 1) return tf.zerosLike(x);
    const shape = x.shape.map((size, axis) => axis === 0 && this.mode === "row" ? size : 1);
    const kept = tf.cast(tf.greaterEqual(randomUniform(shape), this.p), "float32");
    return tf.mul(x, tf.mul(kept, 1 / (1 - this.p)));
  }

  override extraRepr(): string {
    return `p=${pythonFloat(this.p)}, mode=${this.mode}`;
  }
}
