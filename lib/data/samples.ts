import type * as tf from "@tensorflow/tfjs";
import type { BatchOptions, ImageSource, Picture } from "./types.ts";

/** How one pass over a dataset makes its batches. */
export interface Pass extends Pick<BatchOptions, "transforms" | "flip" | "augment"> {
  /** What random choices depend on, together with the epoch. */
  seed: number;
  /** Which variant of its random changes a sample comes in: the pass, from 0, or what `variants` leaves of it. */
  epoch: number;
}

/** What a dataset takes its batches from: images, tensors, or anything else that can be had by position. */
export interface Samples {
  /** How many there are. */
  readonly length: number;
  /** Throws where a pass with these options cannot be. */
  check(pass: Pass): void;
  /** Reads and computes what can be had ahead of time; the function that it gives makes the tensor `[N, …]` at once. */
  prepare(positions: Int32Array, pass: Pass): Promise<() => tf.Tensor>;
  /** The image to look at. */
  picture?(position: number): Promise<Picture>;
  /** Where the image comes from. */
  source?(position: number): ImageSource;
}
