import * as tf from "@tensorflow/tfjs";
import { Displayable, show, type Spec, toText } from "../display/mod.ts";
import { bring } from "../engine/ops/bring.ts";
import { random } from "../engine/random.ts";
import { permutation } from "./order.ts";
import { originOf, rememberOrigin } from "./origin.ts";
import { prefetch } from "./prefetch.ts";
import type { Samples } from "./samples.ts";
import { countsSpec, sheetSpec } from "./sheet.ts";
import { divide, type LabelledSplit } from "./split.ts";
import type { Batch, BatchOptions, Dataset, ImageSource, Picture, ShowOptions, SplitOptions } from "./types.ts";
import { variantsSpec } from "./variants.ts";

/** An image that was left out, and why. */
export interface Skipped {
  /** The image file. */
  path: string;
  /** What is wrong with it. */
  error: Error;
}

/** What a {@linkcode LabelledDataset} is made of. */
export interface DatasetParts {
  /** What it is called in displays. */
  name: string;
  /** The classes' names. */
  classes: readonly string[];
  /** The label of each sample. */
  labels: ArrayLike<number>;
  /** The position in `samples` of each sample; all of them in order unless given. */
  positions?: Int32Array;
  /** Images that could not be read and were left out. */
  skipped?: readonly Skipped[];
}

/** Samples with labels. A notebook shows its class counts and a sample of each class; `show()` shows more. */
export class LabelledDataset extends Displayable implements Dataset {
  /** What it is called in displays. */
  name: string;
  /** The classes' names; a label is a position in it. */
  readonly classes: readonly string[];
  /** The label of each sample. */
  readonly labels: Int32Array;
  /** Images that could not be read and were left out. */
  readonly skipped: readonly Skipped[];
  /** The image to look at, where samples are images. */
  readonly picture?: (index: number) => Promise<Picture>;
  #samples: Samples;
  #positions: Int32Array;

  /** A dataset of any samples that can be had by position. */
  constructor(samples: Samples, { name, classes, labels, positions, skipped = [] }: DatasetParts) {
    super();
    this.name = name;
    this.classes = classes;
    this.labels = Int32Array.from(labels);
    this.skipped = skipped;
    this.#samples = samples;
    this.#positions = positions ?? Int32Array.from({ length: samples.length }, (_, i) => i);
    if (samples.picture) this.picture = (index) => samples.picture!(this.#at(index));
  }

  /** The number of samples. */
  get length(): number {
    return this.labels.length;
  }

  /** How many samples each class has. */
  get counts(): Int32Array {
    const counts = new Int32Array(this.classes.length);
    for (const label of this.labels) counts[label]++;
    return counts;
  }

  /** Where a sample's image comes from; undefined where samples are no images. */
  source(index: number): ImageSource | undefined {
    return this.#samples.source?.(this.#at(index));
  }

  /**
   * Images to try a network on: the first `perClass` of each class, class by class.
   *
   * @throws {TypeError} where samples are no images
   *
   * @example
   * ```ts
   * import { data } from "thaw";
   *
   * const emoji = await data.emoji();
   * console.log(emoji.examples().length); // 9
   * ```
   */
  examples(perClass = 1): ImageSource[] {
    const sources = this.classes.flatMap((_, label) => {
      const own = [...this.labels.keys()].filter((index) => this.labels[index] === label);
      return own.slice(0, perClass).map((index) => this.source(index));
    });
    if (sources.includes(undefined)) {
      throw new TypeError(`Cannot give examples of ${this.name}: expected images, found tensors`);
    }
    return sources as ImageSource[];
  }

  /**
   * The samples in batches: `{ images: [N, H, W, C] float32, labels: [N] int32, indices }`.
   *
   * While the caller computes with one batch the next two are prepared. The caller disposes of `images` and `labels`; no
   * other tensors exist, wherever the loop ends. `seed` and `epoch` decide the order, the flips
   * and the augmentations: of each sample by itself, however the samples are batched.
   *
   * @throws {RangeError} where an option cannot be
   * @throws {TypeError} where images are asked for without transforms
   *
   * @example
   * ```ts
   * import { data } from "thaw";
   * import * as tf from "@tensorflow/tfjs";
   * import { assertEquals } from "@std/assert";
   *
   * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0]]), [0, 1, 0]);
   * const sizes = [];
   * for await (const batch of points.batches({ batchSize: 2, shuffle: true, seed: 1 })) {
   *   sizes.push(batch.images.shape[0]);
   *   tf.dispose([batch.images, batch.labels]);
   * }
   * assertEquals(sizes, [2, 1]);
   * ```
   */
  batches(options: BatchOptions): AsyncIterable<Batch> {
    const { batchSize, shuffle, seed = random.bits(), epoch = 0, transforms, dropLast, flip, augment, variants } =
      options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(`Cannot make batches: expected batchSize to be a whole number above 0, found ${batchSize}`);
    }
    for (const [name, value] of Object.entries({ seed, epoch })) {
      if (!Number.isInteger(value)) {
        throw new RangeError(`Cannot make batches: expected ${name} to be a whole number, found ${value}`);
      }
    }
    if (variants !== undefined && !(Number.isInteger(variants) && variants > 0)) {
      throw new RangeError(`Cannot make batches: expected variants to be a whole number above 0, found ${variants}`);
    }
    const pass = { transforms, flip, augment, seed, epoch: variants === undefined ? epoch : epoch % variants };
    this.#samples.check(pass);
    const order = shuffle ? permutation(this.length, seed, epoch) : Int32Array.from(this.labels, (_, i) => i);
    const count = dropLast ? Math.floor(this.length / batchSize) : Math.ceil(this.length / batchSize);
    const prepare = async (i: number) => {
      const indices = order.slice(i * batchSize, (i + 1) * batchSize);
      const images = await this.#samples.prepare(indices.map((index) => this.#positions[index]), pass);
      return { images, indices };
    };
    const labels = this.labels;
    return {
      async *[Symbol.asyncIterator]() {
        // tensors are made when a batch is handed out, so that those prepared in vain leave nothing behind
        for await (const { images, indices } of prefetch(count, prepare)) {
          const batch = { images: images(), labels: tf.tensor1d(indices.map((i) => labels[i]), "int32"), indices };
          bring(batch.images, batch.labels);
          yield batch;
        }
      },
    };
  }

  /**
   * The samples at these positions, in this order.
   *
   * @throws {RangeError} where a position is not in the dataset
   */
  subset(indices: ArrayLike<number>): LabelledDataset {
    const positions = Int32Array.from(indices, (index) => this.#at(index));
    const labels = Int32Array.from(indices, (index) => this.labels[index]);
    const part = new LabelledDataset(this.#samples, { name: this.name, classes: this.classes, labels, positions });
    const origin = originOf(this);
    return rememberOrigin(part, origin && { ...origin, positions: [...positions] });
  }

  /**
   * Training, validation and (where asked for) test samples, each with the same share of every class.
   *
   * The shares are rounded by largest remainder; every class keeps at least one sample to train with.
   *
   * @throws {RangeError} where the shares cannot be, or a part would have no samples
   *
   * @example
   * ```ts
   * import { data } from "thaw";
   * import * as tf from "@tensorflow/tfjs";
   * import { assertEquals } from "@std/assert";
   *
   * const points = data.fromTensors(tf.zeros([10, 2]), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
   * const { train, validation } = points.split({ validation: 0.5, seed: 1 });
   * assertEquals([...train.counts, ...validation.counts], [3, 2, 3, 2]);
   * ```
   */
  split(options: SplitOptions = {}): LabelledSplit {
    return divide(this, options);
  }

  /**
   * Shows the class counts and some samples of each class; with `augment` what training makes of a picture of each class.
   *
   * @throws {TypeError} where samples to be augmented are no pictures
   *
   * @example
   * ```ts
   * import { colorJitter, data, horizontalFlip } from "thaw";
   *
   * const emoji = await data.emoji({ size: 20 });
   * await emoji.show({ augment: [horizontalFlip(), colorJitter({ hue: 0.2 })] });
   * ```
   */
  async show(options: ShowOptions = {}): Promise<void> {
    const { augment, samples = 8 } = options;
    const variants = augment && variantsSpec(this, options, (index) => this.#at(index));
    await show(await (variants ?? sheetSpec(this, samples)));
  }

  /** The class counts, and a sample of each class where samples are images. */
  spec(): Promise<Spec> {
    return sheetSpec(this, 1);
  }

  /** The class counts as text. */
  override toString(): string {
    return toText(countsSpec(this));
  }

  #at(index: number): number {
    if (Number.isInteger(index) && index >= 0 && index < this.length) return this.#positions[index];
    throw new RangeError(`Cannot get sample ${index} of ${this.name}: expected one from 0 to ${this.length - 1}`);
  }
}
