import type * as tf from "@tensorflow/tfjs";
import * as nn from "../../nn/mod.ts";

/**
 * Where torchvision brings feature maps from channels first to channels last, or back: torchvision.ops.Permute. Here they are
 * always channels last, so nothing is done; the module keeps the numbers of those behind it.
 */
export class Permute extends nn.Module {
  /** @param dims the order of torch's axes, which only says in which direction it goes */
  constructor(readonly dims: readonly number[]) {
    super();
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return x.clone();
  }
}
