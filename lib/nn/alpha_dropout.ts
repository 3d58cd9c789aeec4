import * as tf from "@tensorflow/tfjs";
import { DropoutLayer } from "./dropout.ts";

/** Where SELU ends for very negative input is `−alpha`: its scale times its own α. */
const alpha = 1.7580993408473766;

/**
 * Dropout for networks of {@linkcode SELU} (Klambauer et al. 2017): torch.nn.AlphaDropout. While training, sets each value
 * with probability `p` to what SELU gives at −∞, then maps all by `a · x + b` such that mean 0 and variance 1 stay as they
 * are. Off in evaluation and in a frozen part.
 *
 * @example
 * ```ts
 * import { manualSeed, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 * import { assert } from "@std/assert";
 *
 * manualSeed(1);
 * const { mean, variance } = tf.moments(new nn.AlphaDropout(0.2).forward(tf.randomNormal([10000])));
 * assert(Math.abs(mean.dataSync()[0]) < 0.05 && Math.abs(variance.dataSync()[0] - 1) < 0.1);
 * ```
 */
export class AlphaDropout extends DropoutLayer {
  protected override drop(x: tf.Tensor, kept: tf.Tensor): tf.Tensor {
    const { p } = this;
    const a = 1 / Math.sqrt((alpha ** 2 * p + 1) * (1 - p));
    const moved = tf.add(tf.mul(tf.sub(kept, 1), alpha * a), alpha * a * p);
    return tf.add(tf.mul(x, tf.mul(kept, a)), moved);
  }
}
