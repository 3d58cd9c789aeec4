import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "./check_options.ts";
import { flatten } from "./functional.ts";
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
  /** @throws {TypeError} where an axis to begin or end at is given: there are no others */
  constructor(...none: unknown[]) {
    super();
    if (none.length) checkOptions("make Flatten", none[0] as object, []);
  }

  override forward(x: tf.Tensor): tf.Tensor2D {
    return flatten(x);
  }

  override extraRepr(): string {
    return "start_dim=1, end_dim=-1";
  }
}
