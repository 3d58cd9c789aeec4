import type * as tf from "@tensorflow/tfjs";
import { Module } from "./module.ts";

/** Gives back what it gets: torch.nn.Identity. Put in a head's place, a network gives its features. */
export class Identity extends Module {
  override forward(x: tf.Tensor): tf.Tensor {
    return x.clone();
  }
}
