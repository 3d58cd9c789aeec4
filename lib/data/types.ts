import type * as tf from "@tensorflow/tfjs";
import type { Augment } from "./augment/augmentation.ts";

/** A decoded image: `data` holds red, green and blue bytes, row by row, `[height, width, 3]`. */
export interface Picture {
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  /** `width * height * 3` bytes. */
  data: Uint8Array;
}

/** Where an image comes from: a path, an http(s), file or data URL, the bytes of an image file, or decoded pixels. */
export type ImageSource = string | Uint8Array | Picture;

/**
 * How a picture becomes a network's input, in this order, as torchvision's `ImageClassification` preset does it: resize,
 * centre crop, bytes to [0, 1], then `(x - mean) / std` per channel.
 */
export interface Transforms {
  /** The length of the shorter side in pixels, its aspect kept; or `[height, width]`. */
  resize: number | [number, number];
  /** The side in pixels of the square cut from the centre; all of it unless given. */
  crop?: number;
  /** How pixels between pixels are made up; where a picture shrinks, with antialiasing. */
  interpolation: "nearest" | "bilinear" | "bicubic" | "lanczos";
  /** Mean of red, green and blue on the [0, 1] scale. */
  mean: readonly number[];
  /** Standard deviation of red, green and blue on the [0, 1] scale. */
  std: readonly number[];
}

/** Some of a dataset's samples, ready for a network. Who takes it disposes of its tensors. */
export interface Batch {
  /** `[N, H, W, C]` float32 for images, `[N, …]` for other tensors. */
  images: tf.Tensor;
  /** `[N]` int32, each a position in `classes`. */
  labels: tf.Tensor1D;
  /** The samples' positions in the dataset that made the batch. */
  indices: Int32Array;
}

/** Options of {@linkcode Dataset.batches}. */
export interface BatchOptions {
  /** Samples in a batch; the last one may have fewer. */
  batchSize: number;
  /** Whether the samples come in random order; in the dataset's own unless true. */
  shuffle?: boolean;
  /** What decides the order and all that is random, together with `epoch`; drawn from `manualSeed`'s generator unless given. */
  seed?: number;
  /** Which pass this is, from 0; each has an order of its own. */
  epoch?: number;
  /** How a picture becomes input; images need it, tensors take none. */
  transforms?: Transforms;
  /** Whether a last batch with fewer samples is left out. */
  dropLast?: boolean;
  /** Whether each picture is mirrored left to right with probability ½. */
  flip?: boolean;
  /** How pictures are changed at random, before any flip: such as `trivialAugment()`. */
  augment?: Augment;
  /** How many variants of each picture there are: epoch `e` takes variant `e mod variants`; another one in each epoch unless given. */
  variants?: number;
}

/** Options of {@linkcode Dataset.split}. */
export interface SplitOptions {
  /** The share of each class that is held out to judge the training by; 0.2. */
  validation?: number;
  /** The share of each class that is held out for the end; none. */
  test?: number;
  /** Which of the possible splits; 0. The same seed gives the same one. */
  seed?: number;
}

/** Options of {@linkcode Dataset.show}. */
export interface ShowOptions {
  /** How many samples of each class, or variants of each picture; 8. */
  samples?: number;
  /** Shows, in place of the sheet, what becomes of a picture of each class: variants side by side. */
  augment?: Augment;
  /** With `augment`: how a picture becomes input, such as `model.transforms`; 128×128 pixels unless given. */
  transforms?: Transforms;
  /** With `augment`: `fit`'s seed, whose first epochs the variants are then; 0. */
  seed?: number;
}

/** Labelled samples. */
export interface Dataset {
  /** What it is called in displays. */
  name: string;
  /** The classes' names; a label is a position in it. */
  readonly classes: readonly string[];
  /** The label of each sample. */
  readonly labels: Int32Array;
  /** The number of samples. */
  readonly length: number;
  /** How many samples each class has. */
  readonly counts: Int32Array;
  /** The image to look at, where samples are images. */
  picture?(index: number): Promise<Picture>;
  /** The samples in batches, the next ones prepared while the engine computes. Who takes a batch disposes of its tensors. */
  batches(options: BatchOptions): AsyncIterable<Batch>;
  /** The samples at these positions, in this order. */
  subset(indices: ArrayLike<number>): Dataset;
  /** Training, validation and test samples, each with the same share of every class. */
  split(options?: SplitOptions): Split;
  /** Shows the class counts and some samples of each class, or what augmentations make of pictures. */
  show(options?: ShowOptions): Promise<void>;
}

/** A dataset divided for training. */
export interface Split {
  /** The whole dataset's name. */
  readonly name: string;
  /** The classes' names. */
  readonly classes: readonly string[];
  /** What the network learns from. */
  readonly train: Dataset;
  /** What tells how well it learns. */
  readonly validation: Dataset;
  /** What is kept for the end. */
  readonly test?: Dataset;
}
