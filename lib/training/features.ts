import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../data/tensors.ts";
import type { Dataset, Transforms } from "../data/types.ts";
import type { Divided } from "./gradients.ts";

/** How a dataset's batches are made ready. */
export interface Preparation {
  batchSize: number;
  transforms?: Transforms;
}

/**
 * The frozen part's output for a whole dataset, computed once: a dataset of features that trains what lies above.
 *
 * @param budget how many bytes the features may take
 * @param progress called with the number of samples done
 * @param signal ends the computation early
 * @returns undefined where the features would not fit into the budget, or the signal came
 */
export async function computeFeatures(
  { frozen }: Divided,
  dataset: Dataset,
  { batchSize, transforms }: Preparation,
  budget: number,
  progress: (done: number) => Promise<void>,
  signal: AbortSignal,
): Promise<FeatureSet | undefined> {
  const parts: tf.Tensor[] = [];
  let done = 0;
  for await (const batch of dataset.batches({ batchSize, transforms })) {
    const features = tf.tidy(() => frozen(batch.images));
    tf.dispose([batch.images, batch.labels]);
    parts.push(features);
    if (4 * features.size / features.shape[0] * dataset.length > budget || signal.aborted) {
      tf.dispose(parts);
      return undefined;
    }
    await progress(done += features.shape[0]);
  }
  const all = tf.tidy(() => tf.concat(parts));
  tf.dispose(parts);
  const features = fromTensors(all, dataset.labels, { name: dataset.name, classes: dataset.classes });
  return { dataset: features, dispose: () => all.dispose() };
}

/** Features as a dataset; `dispose` gives their memory back. */
export interface FeatureSet {
  dataset: Dataset;
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
