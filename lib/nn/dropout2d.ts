import type * as tf from "@tensorflow/tfjs";
import { checkImages } from "./check_input.ts";
import { DropoutLayer } from "./dropout.ts";

/**
 * While training, sets whole channels of `[N, H, W, C]` to zero, each of each sample with probability `p`, and scales the
 * others by `1 / (1 − p)` (Tompson et al. 2015): torch.nn.Dropout2d. Neighbours in a map say nearly the same, so that
 * dropping single values takes little from a network. Off in evaluation and in a frozen part.
 *
 * @example
 * ```ts
 * import { manualSeed, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * manualSeed(1);
 * const dropped = new nn.Dropout2d(0.5).forward(tf.ones([1, 2, 2, 8]));
 * const [channel] = tf.split(dropped, 8, 3);
 * console.log(new Set(await channel.data()).size); // 1: all of it is 0 or all of it is 2
 * ```
 */
export class Dropout2d extends DropoutLayer {
  override forward(x: tf.Tensor): tf.Tensor {
    return super.forward(checkImages(x));
  }

  override kept(x: tf.Tensor): tf.Tensor {
    const [count, , , channels] = checkImages(x).shape;
    return this.draw([count, 1, 1, channels]);
  }
}
