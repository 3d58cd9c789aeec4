import type { Dataset, Split } from "../data/types.ts";
import { describeValue } from "../nn/mod.ts";

/** Checks that a value is a dataset, and says what it is where it is not. */
export function expectDataset(action: string, value: unknown): asserts value is Dataset {
  if (isDataset(value)) return;
  const hint = isSplit(value) ? "a split; pass one of its parts, such as split.validation" : describeValue(value);
  throw new TypeError(`Cannot ${action}: expected a dataset, found ${hint}`);
}

/** Checks that a value is a dataset or a split of one. */
export function expectTrainingData(action: string, value: unknown): asserts value is Dataset | Split {
  if (isDataset(value)) return;
  if (!isSplit(value)) {
    throw new TypeError(`Cannot ${action}: expected a dataset or a split of one, found ${describeValue(value)}`);
  }
  expectDataset(action, value.train);
  if (value.validation !== undefined) expectDataset(action, value.validation);
}

function isDataset(value: unknown): value is Dataset {
  return typeof (value as Dataset | undefined)?.batches === "function";
}

function isSplit(value: unknown): value is Split {
  return typeof value === "object" && value !== null && "train" in value;
}
