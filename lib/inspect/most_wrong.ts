import * as tf from "@tensorflow/tfjs";
import { encodePng } from "../data/image.ts";
import { mapParallel } from "../data/parallel.ts";
import type { Dataset, Picture, Transforms } from "../data/types.ts";
import { Displayable, type ImagesSpec } from "../display/mod.ts";
import { describeValue, expectModule, inMode, type Module } from "../nn/mod.ts";

/** Options of {@linkcode mostWrong}. */
export interface MostWrongOptions {
  /** How many samples; 12. */
  count?: number;
  /** How many samples to compute at a time; 32. */
  batchSize?: number;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
}

/** A sample and what a network made of it; probabilities are from 0 to 1. */
export interface WrongSample {
  /** Its position in the dataset. */
  index: number;
  /** The true class, and how likely the network found it. */
  actual: string;
  actualProbability: number;
  /** The class that it found most likely, and how likely. */
  predicted: string;
  predictedProbability: number;
  /** Cross entropy, in nats. */
  loss: number;
}

/** The samples with the highest losses, highest first; displays as a grid. */
export class MostWrong extends Displayable {
  constructor(
    /** The dataset's name. */
    readonly dataset: string,
    /** The samples, highest loss first. */
    readonly samples: readonly WrongSample[],
    private readonly pictureOf: (index: number) => Promise<Picture>,
  ) {
    super();
  }

  override async spec(): Promise<ImagesSpec> {
    const items = await mapParallel(this.samples, async (sample) => {
      const { index, actual, actualProbability, predicted, predictedProbability, loss } = sample;
      const right = actual === predicted;
      const truth = { label: actual, value: actualProbability, tone: "good" as const };
      return {
        png: await encodePng(await this.pictureOf(index), 192),
        caption: actual,
        title: `sample ${index}: ${actual}, predicted ${predicted}, loss ${loss.toFixed(2)}`,
        tone: right ? "good" as const : "bad" as const,
        bars: right ? [truth] : [{ label: predicted, value: predictedProbability, tone: "bad" as const }, truth],
      };
    });
    const caption =
      "highest loss first; under each its true class, and how likely the network found what it predicted and that class";
    return { kind: "images", title: `Most wrong of ${this.dataset}`, items, size: 132, caption };
  }
}

/**
 * The pictures of a dataset on which a network does worst: those with the highest cross entropy.
 *
 * @throws {TypeError} where these are no network and no dataset of images
 *
 * @example
 * ```ts
 * import { data, models, mostWrong } from "thaw";
 *
 * const emoji = await data.emoji({ size: 18 });
 * const model = models.resnet18({ numClasses: 9 });
 * model.transforms = { resize: 32, interpolation: "bilinear", mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
 * const { samples } = await mostWrong(model, emoji, { count: 4 });
 * console.log(samples.length, samples[0].loss >= samples[3].loss); // 4 true
 * ```
 */
export async function mostWrong(
  model: Module,
  dataset: Dataset,
  { count = 12, batchSize = 32, transforms = (model as Module | undefined)?.transforms }: MostWrongOptions = {},
): Promise<MostWrong> {
  expectModule("find what is most wrong", model);
  if (typeof dataset?.batches !== "function" || !dataset.picture) {
    const found = typeof dataset?.batches === "function"
      ? `${dataset.name}, which has tensors`
      : describeValue(dataset);
    throw new TypeError(`Cannot find what is most wrong: expected a dataset of images, found ${found}`);
  }
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot find what is most wrong: expected count to be a whole number ≥ 1, found ${count}`);
  }
  const samples: WrongSample[] = [];
  for await (const { images, labels, indices } of dataset.batches({ batchSize, transforms })) {
    const logs = inMode(model, false, () => tf.tidy(() => tf.logSoftmax(model.forward(images) as tf.Tensor2D)));
    const [values, truth] = await Promise.all([logs.data(), labels.data()]);
    const classes = logs.shape[1];
    tf.dispose([images, labels, logs]);
    indices.forEach((index, i) => {
      const row = values.subarray(i * classes, (i + 1) * classes) as Float32Array;
      const best = row.indexOf(row.reduce((a, b) => Math.max(a, b)));
      const name = (label: number) => dataset.classes[label] ?? `class ${label}`;
      samples.push({
        index,
        actual: name(truth[i]),
        actualProbability: Math.exp(row[truth[i]]),
        predicted: name(best),
        predictedProbability: Math.exp(row[best]),
        loss: -row[truth[i]],
      });
    });
  }
  const worst = samples.toSorted((a, b) => b.loss - a.loss).slice(0, count);
  return new MostWrong(dataset.name, worst, (index) => dataset.picture!(index));
}
