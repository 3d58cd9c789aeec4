import * as tf from "@tensorflow/tfjs";
import { decodeImage } from "../data/image.ts";
import { preprocess } from "../data/transforms.ts";
import type { Dataset, ImageSource, Picture, Transforms } from "../data/types.ts";
import { describeValue, type Module } from "../nn/mod.ts";
import { isImage, type PredictImages } from "../nn/predict.ts";

/** Images for a network, from wherever they come. */
export interface Samples {
  /** What they are called in displays, where they have a name. */
  name?: string;
  /** The classes' names, where they are known. */
  classes?: readonly string[];
  /** The right class of each, where it is known. */
  labels?: Int32Array;
  /** The picture of one, where there are pictures. */
  picture?(index: number): Promise<Picture>;
  /** All in order. Who takes a batch disposes of it. */
  batches(size: number): AsyncIterable<tf.Tensor>;
}

/**
 * A dataset, one picture, several, or a tensor `[N, …]` as images for a network.
 *
 * @param action what cannot be done otherwise
 * @throws {TypeError} where it is nothing of this, or there is no telling how a picture becomes input
 */
export function samplesOf(
  action: string,
  model: Module,
  source: Dataset | PredictImages,
  transforms: Transforms | undefined,
): Samples {
  if (source instanceof tf.Tensor) return ofTensor(action, source);
  if (isDataset(source)) return ofDataset(action, source, transforms);
  const several: readonly ImageSource[] = Array.isArray(source) ? source : [source];
  const wrong = several.findIndex((one) => !isImage(one));
  if (several.length === 0 || wrong >= 0) {
    const found = isSplit(source) ? splitFound : wrong >= 0 ? describeValue(several[wrong]) : "none";
    throw new TypeError(`Cannot ${action}: expected a dataset, pictures or a tensor [N, …], found ${found}`);
  }
  if (!transforms) {
    throw new TypeError(
      `Cannot ${action} of ${model.constructor.name}: expected to know how a picture becomes its input, found no ` +
        "transforms; pass { transforms } or set model.transforms",
    );
  }
  return ofPictures(several, transforms);
}

function ofDataset(action: string, dataset: Dataset, transforms: Transforms | undefined): Samples {
  if (dataset.length === 0) throw new TypeError(`Cannot ${action}: expected images in "${dataset.name}", found none`);
  return {
    name: dataset.name,
    classes: dataset.classes,
    labels: dataset.labels,
    picture: dataset.picture && ((index) => dataset.picture!(index)),
    async *batches(batchSize) {
      const passes = dataset.batches({ batchSize, transforms, seed: 0 }); // a seed of its own, or one would be drawn
      for await (const { images, labels } of passes) {
        labels.dispose();
        yield images;
      }
    },
  };
}

function ofPictures(pictures: readonly ImageSource[], transforms: Transforms): Samples {
  return {
    picture: (index) => decodeImage(pictures[index]),
    async *batches(size) {
      for (let start = 0; start < pictures.length; start += size) {
        yield await preprocess(pictures.slice(start, start + size), transforms);
      }
    },
  };
}

function ofTensor(action: string, tensor: tf.Tensor): Samples {
  const [length = 0] = tensor.shape;
  if (length === 0) {
    const found = `[${tensor.shape.join(", ")}]`;
    throw new TypeError(`Cannot ${action}: expected a dataset, pictures or a tensor [N, …], found a tensor ${found}`);
  }
  return {
    async *batches(size) {
      for (let start = 0; start < length; start += size) {
        yield await Promise.resolve(tf.slice(tensor, start, Math.min(size, length - start)));
      }
    },
  };
}

function isDataset(value: unknown): value is Dataset {
  return typeof (value as Dataset | undefined)?.batches === "function";
}

/** How an error names a split where one of its parts was meant. */
export const splitFound = "a split; pass one of its parts, such as split.validation";

/** Whether a value is training and validation data together. */
export function isSplit(value: unknown): boolean {
  return typeof value === "object" && value !== null && "train" in value && "validation" in value;
}
