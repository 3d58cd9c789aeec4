import * as tf from "@tensorflow/tfjs";
import { Module } from "./module.ts";

/**
 * Everything but the batch in one row, in torch's order: torch.nn.Flatten. Feature maps `[N, H, W, C]` are laid out channel by
 * channel, so that a Linear behind them finds what its pretrained weights expect.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * console.log(new nn.Flatten().forward(tf.zeros([2, 7, 7, 512])).shape); // [ 2, 25088 ]
 * ```
 */
export class Flatten extends Module {
  override forward(x: tf.Tensor): tf.Tensor2D {
    const [, height, width] = x.shape;
    const ordered = x.rank === 4 && height! * width! > 1 ? tf.transpose(x, [0, 3, 1, 2]) : x;
    return ordered.reshape([x.shape[0], -1]);
  }

  override extraRepr(): string {
    return "start_dim=1, end_dim=-1";
  }
}
