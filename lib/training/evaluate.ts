import * as tf from "@tensorflow/tfjs";
import { BatchesAhead } from "../data/batches_ahead.ts";
import type { Batch, Dataset } from "../data/types.ts";
import { sparseCrossEntropy } from "../engine/ops/cross_entropy.ts";
import { expectModule, inMode, type Module } from "../nn/mod.ts";
import { expectDataset } from "./expect_data.ts";
import type { Preparation } from "./features.ts";
import { checkMetrics, measure, type Metrics } from "./metrics.ts";
import { confusionCounts, joinPredicted, type Predicted } from "./predicted.ts";

/** How well a network does on a dataset. */
export interface Evaluation {
  /** Mean cross entropy, in nats. */
  loss: number;
  /** The share of samples whose most likely class is the right one. */
  accuracy: number;
  /** How many samples there were. */
  count: number;
  /** How often each class was taken for each: rows are the true classes, columns the predicted ones. */
  confusion: number[][];
  /** What the metrics that were asked for came to, by name. */
  metrics: Record<string, number>;
}

/** Options of `evaluate`. */
export interface EvaluateOptions extends Partial<Preparation> {
  /** What to measure beside loss and accuracy: `{ top3: topK(3), f1: macroF1() }`. */
  metrics?: Metrics;
}

/**
 * Loss and accuracy over a dataset, in evaluation mode. The network may be in training meanwhile, from another cell.
 *
 * @throws {TypeError} where it is given something else than a network and a dataset
 *
 * @example
 * ```ts
 * import { data, evaluate, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1]]), [0, 1]);
 * console.log((await evaluate(new nn.Sequential(new nn.Linear(2, 2)), points)).count); // 2
 * ```
 */
export async function evaluate(
  model: Module,
  dataset: Dataset,
  { batchSize = 32, transforms = model.transforms, metrics = {} }: EvaluateOptions = {},
): Promise<Evaluation> {
  expectModule("evaluate", model);
  expectDataset("evaluate", dataset);
  checkMetrics("evaluate", metrics);
  return await evaluateBy(model, (x) => model.forward(x), dataset, { batchSize, transforms }, metrics);
}

/** The same for a part of a network: `forward` makes logits of the dataset's samples. */
export async function evaluateBy(
  model: Module,
  forward: (x: tf.Tensor) => tf.Tensor,
  dataset: Dataset,
  preparation: Preparation,
  metrics: Metrics = {},
): Promise<Evaluation> {
  const parts: Predicted[] = [];
  let loss = 0;
  const batches = new BatchesAhead(dataset.batches(preparation));
  for await (const batch of batches) {
    const scored = scoreBatch(model, forward, batch);
    await batches.makeNext();
    const [logits, sum] = await Promise.all([scored.logits.data(), scored.loss.data()]);
    const labels = batch.indices.map((index) => dataset.labels[index]); // read back from the engine they would take a while
    parts.push({ logits: logits as Float32Array, labels, classes: scored.logits.shape[1]! });
    loss += sum[0];
    tf.dispose([scored.logits, scored.loss]);
  }
  const predicted = joinPredicted(parts);
  const confusion = confusionCounts(predicted);
  const count = predicted.labels.length;
  const right = confusion.reduce((sum, row, i) => sum + row[i], 0);
  return { loss: loss / count, accuracy: right / count, count, confusion, metrics: measure(metrics, predicted) };
}

/** A batch's logits and the sum of its losses. Disposes of the batch, whatever happens. */
function scoreBatch(
  model: Module,
  forward: (x: tf.Tensor) => tf.Tensor,
  { images, labels }: Batch,
): { logits: tf.Tensor; loss: tf.Scalar } {
  const score = () => {
    const logits = forward(images);
    return { logits, loss: tf.sum<tf.Scalar>(sparseCrossEntropy(logits as tf.Tensor2D, labels)) };
  };
  try {
    return inMode(model, false, () => tf.tidy(score));
  } finally {
    tf.dispose([images, labels]);
  }
}

/** How many rows have their largest value at their label. */
export function countRight(logits: tf.Tensor, labels: tf.Tensor1D): tf.Scalar {
  // Compared as float32: whole numbers are compared in main memory even where a card computes.
  const [answers, right] = [tf.argMax(logits, 1), labels].map((one) => tf.cast(one, "float32"));
  return tf.sum(tf.cast(tf.equal(answers, right), "float32"));
}
