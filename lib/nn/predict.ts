import * as tf from "@tensorflow/tfjs";
import { preprocess } from "../data/transforms.ts";
import type { ImageSource, Transforms } from "../data/types.ts";
import { inMode } from "./mode.ts";
import { describeValue } from "../weights/describe_value.ts";
import { checkOptions } from "./check_options.ts";
import type { Module } from "./module.ts";
import { Prediction, Predictions } from "./predictions.ts";

/** What {@linkcode Module.predict} takes: one picture, several, or a tensor `[N, H, W, C]` that needs no preparation. */
export type PredictImages = ImageSource | readonly ImageSource[] | tf.Tensor;

/** Options of {@linkcode Module.predict}. */
export interface PredictOptions {
  /** How many classes to name per picture; 5, or as many as there are. */
  topK?: number;
  /** How many pictures to compute at a time; 32. */
  batchSize?: number;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
  /** The classes' names; the network's own unless given. */
  classes?: readonly string[];
}

/**
 * Runs a network over pictures in evaluation mode and names the most likely classes of each.
 *
 * @throws {TypeError} where these are no pictures, {RangeError} naming the option that cannot be
 */
export async function predict(
  model: Module,
  images: PredictImages,
  options: PredictOptions = {},
): Promise<Predictions> {
  checkOptions("predict", options, ["topK", "batchSize", "transforms", "classes"]);
  const { topK = 5, batchSize = 32, transforms = model.transforms, classes = model.classes } = options;
  for (const [name, value] of Object.entries({ topK, batchSize })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot predict: expected ${name} to be a whole number ≥ 1, found ${describeValue(value)}`);
    }
  }
  checkImages(images);
  const predictions: Prediction[] = [];
  if (images instanceof tf.Tensor) {
    for (let start = 0; start < images.shape[0]; start += batchSize) {
      const size = Math.min(batchSize, images.shape[0] - start);
      const rows = await probabilities(model, () => tf.slice(images, start, size));
      predictions.push(...rows.map((row) => new Prediction(best(row, topK, classes))));
    }
    return new Predictions(predictions);
  }
  if (!transforms) {
    throw new TypeError(
      `Cannot predict with ${model.constructor.name}: expected to know how a picture becomes its input, found no ` +
        "transforms; pass { transforms }, or set model.transforms, or give a tensor that is ready",
    );
  }
  const sources: readonly ImageSource[] = Array.isArray(images) ? images : [images as ImageSource];
  for (let start = 0; start < sources.length; start += batchSize) {
    const batch = sources.slice(start, start + batchSize);
    const input = await preprocess(batch, transforms);
    const rows = await probabilities(model, () => input).finally(() => input.dispose());
    predictions.push(...rows.map((row, i) => new Prediction(best(row, topK, classes), batch[i])));
  }
  return new Predictions(predictions);
}

async function probabilities(model: Module, input: () => tf.Tensor): Promise<Float32Array[]> {
  const output = inMode(model, false, () =>
    tf.tidy(() => {
      const logits = model.forward(input());
      if (logits.rank !== 2) {
        throw new TypeError(`Cannot predict: expected logits [N, classes], found [${logits.shape.join(", ")}]`);
      }
      return tf.softmax(logits);
    }));
  const [count, classes] = output.shape;
  const values = await output.data() as Float32Array;
  output.dispose();
  return Array.from({ length: count }, (_, i) => values.slice(i * classes, (i + 1) * classes));
}

function best(row: Float32Array, topK: number, classes?: readonly string[]) {
  const named = classes?.length === row.length ? classes : undefined;
  const order = Array.from(row.keys()).sort((a, b) => row[b] - row[a]).slice(0, topK);
  return order.map((index) => ({ index, label: named?.[index] ?? `class ${index}`, probability: row[index] }));
}

function checkImages(images: unknown): void {
  const fail = (found: string): never => {
    const expected = "pictures (paths, addresses, files' bytes) or a tensor [N, H, W, C]";
    throw new TypeError(`Cannot predict: expected ${expected}, found ${found}`);
  };
  if (images instanceof tf.Tensor) {
    if (images.rank === 0) fail("a tensor of one number");
  } else if (typeof (images as { batches?: unknown } | undefined)?.batches === "function") {
    fail("a dataset; evaluate(model, dataset) goes over one, and [await dataset.picture(0)] is one of its pictures");
  } else if (Array.isArray(images)) {
    const wrong = images.findIndex((one) => !isImage(one));
    if (wrong >= 0) fail(`at ${wrong} ${describeValue(images[wrong])}`);
  } else if (!isImage(images)) fail(describeValue(images));
}

/** Whether a value can be a picture: a path or address, bytes, or decoded pixels. */
export function isImage(value: unknown): boolean {
  if (typeof value === "string" || value instanceof Uint8Array) return true;
  return typeof value === "object" && value !== null && "width" in value && "height" in value && "data" in value;
}
