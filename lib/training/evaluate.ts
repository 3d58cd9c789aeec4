import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../data/types.ts";
import { sparseCrossEntropy } from "../engine/ops/cross_entropy.ts";
import { expectModule, inMode, type Module } from "../nn/mod.ts";
import { expectDataset } from "./expect_data.ts";
import type { Preparation } from "./features.ts";

/** How well a network does on a dataset. */
export interface Evaluation {
  /** Mean cross entropy, in nats. */
  loss: number;
  /** The share of samples whose most likely class is the right one. */
  accuracy: number;
  /** How many samples there were. */
  count: number;
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
  { batchSize = 32, transforms = model.transforms }: Partial<Preparation> = {},
): Promise<Evaluation> {
  expectModule("evaluate", model);
  expectDataset("evaluate", dataset);
  return await evaluateBy(model, (x) => model.forward(x), dataset, { batchSize, transforms });
}

/** The same for a part of a network: `forward` makes logits of the dataset's samples. */
export async function evaluateBy(
  model: Module,
  forward: (x: tf.Tensor) => tf.Tensor,
  dataset: Dataset,
  preparation: Preparation,
): Promise<Evaluation> {
  const sums = { loss: 0, right: 0, count: 0 };
  for await (const batch of dataset.batches(preparation)) {
    const scores = inMode(model, false, () => tf.tidy(() => score(forward(batch.images), batch.labels)));
    tf.dispose([batch.images, batch.labels]);
    const [loss, right] = await scores.data();
    scores.dispose();
    sums.loss += loss;
    sums.right += right;
    sums.count += batch.indices.length;
  }
  return { loss: sums.loss / sums.count, accuracy: sums.right / sums.count, count: sums.count };
}

/** `[2]`: the summed loss of a batch and the number of right answers, as one tensor so that they are read at once. */
export function score(logits: tf.Tensor, labels: tf.Tensor1D): tf.Tensor1D {
  const loss = tf.sum(sparseCrossEntropy(logits as tf.Tensor2D, labels));
  return tf.stack([loss, countRight(logits, labels)]) as tf.Tensor1D;
}

/** How many rows have their largest value at their label. */
export function countRight(logits: tf.Tensor, labels: tf.Tensor1D): tf.Scalar {
  return tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32"));
}
