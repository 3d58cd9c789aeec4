import type { DataSpec } from "./spec.ts";
import type { Dataset } from "./types.ts";

// Beside the datasets: how they came to be is nothing that their users meet.
const origins = new WeakMap<Dataset, DataSpec>();

/** Notes how a dataset was made. */
export function rememberOrigin<D extends Dataset>(dataset: D, origin: DataSpec | undefined): D {
  if (origin) origins.set(dataset, origin);
  return dataset;
}

/** How a dataset was made; undefined for one of tensors or of samples of one's own. */
export function originOf(dataset: Dataset): DataSpec | undefined {
  return origins.get(dataset);
}
