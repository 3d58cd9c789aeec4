import type { Batch, Dataset, Transforms } from "../../data/types.ts";

/** Some samples of a dataset, evenly spread over it, as one batch: all of them where there are no more. */
export async function samplesOf(dataset: Dataset, most: number, transforms?: Transforms): Promise<Batch> {
  const count = Math.min(most, dataset.length);
  const spread = Array.from({ length: count }, (_, i) => Math.floor(i * dataset.length / count));
  // a seed of its own, or one would be drawn
  for await (const batch of dataset.subset(spread).batches({ batchSize: count, transforms, seed: 0 })) return batch;
  throw new RangeError(`Cannot look at "${dataset.name}": expected samples, found none`);
}
