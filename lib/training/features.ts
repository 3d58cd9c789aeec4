import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../data/tensors.ts";
import type { BatchOptions, Dataset, Transforms } from "../data/types.ts";
import type { Divided } from "./gradients.ts";

/** How a dataset's batches are made ready. */
export interface Preparation {
  batchSize: number;
  transforms?: Transforms;
}

/** The random changes of a dataset's pictures, where there are any. */
export type Variation = Pick<BatchOptions, "flip" | "augment" | "variants" | "seed">;

/**
 * The frozen part's output for a whole dataset, computed once for each variant of its pictures: datasets of features that
 * train what lies above.
 *
 * @param variation how many variants there are, and of what; the pictures as they are unless given
 * @param budget how many bytes the features may take
 * @param progress called with the number of samples done
 * @param signal ends the computation early
 * @returns undefined where the features would not fit into the budget, or the signal came
 */
export async function computeFeatures(
  { frozen }: Divided,
  dataset: Dataset,
  { batchSize, transforms, ...variation }: Preparation & Variation,
  budget: number,
  progress: (done: number) => Promise<void>,
  signal: AbortSignal,
): Promise<FeatureSet | undefined> {
  const { variants = 1 } = variation;
  const made: tf.Tensor[] = [];
  let parts: tf.Tensor[] = [];
  let done = 0;
  try {
    for (let epoch = 0; epoch < variants; epoch++) {
      for await (const batch of dataset.batches({ batchSize, transforms, ...variation, epoch })) {
        const features = tf.tidy(() => frozen(batch.images));
        tf.dispose([batch.images, batch.labels]);
        parts.push(features);
        const bytes = 4 * features.size / features.shape[0] * dataset.length * variants;
        if (bytes > budget || signal.aborted) {
          tf.dispose([made, parts]);
          return undefined;
        }
        await progress(done += features.shape[0]);
      }
      made.push(tf.tidy(() => tf.concat(parts)));
      tf.dispose(parts);
      parts = [];
    }
  } catch (error) { // such as an image that cannot be read
    tf.dispose([made, parts]);
    throw error;
  }
  const { labels, name, classes } = dataset;
  const datasets = made.map((features) => fromTensors(features, labels, { name, classes }));
  return { datasets, dispose: () => tf.dispose(made) };
}

/** Features as a dataset for each variant; `dispose` gives their memory back. */
export interface FeatureSet {
  datasets: readonly Dataset[];
  dispose(): void;
}

/** How many bytes of features are kept: `THAW_CACHE_BYTES`, or a quarter of the machine's memory. */
export function featureBudget(): number {
  const set = Deno.env.get("THAW_CACHE_BYTES");
  if (set === undefined || set === "") return Deno.systemMemoryInfo().total / 4;
  const bytes = Number(set);
  if (!(bytes >= 0)) throw new RangeError(`Cannot read THAW_CACHE_BYTES: expected a number of bytes, found "${set}"`);
  return bytes;
}
