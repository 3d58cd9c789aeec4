import type { Dataset, Split, Transforms } from "../../data/types.ts";
import { checkOptions } from "../../nn/check_options.ts";
import { describeValue, expectModule, type Module } from "../../nn/mod.ts";
import { expectTrainingData } from "../../training/expect_data.ts";

/** Options of `strategy`. */
export interface StrategyOptions {
  /** From how many training images a class (the median) on a dataset is large; 100. */
  large?: number;
  /** From which similarity on a task is similar to the pretraining task; 0.2. */
  similar?: number;
  /** Samples that are computed at a time; 32. */
  batchSize?: number;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
  /** The most samples that LogME is computed with; 2,000. */
  maxSamples?: number;
  /** Whether there is a display while it computes; true. */
  display?: boolean;
  /** Ends the computation early. */
  signal?: AbortSignal;
}

/** {@linkcode StrategyOptions} with the gaps filled, but for what may be absent. */
export type StrategySettings =
  & Required<Omit<StrategyOptions, "transforms" | "signal">>
  & Pick<StrategyOptions, "transforms" | "signal">;

const names = ["large", "similar", "batchSize", "transforms", "maxSamples", "display", "signal"] as const;

/** Fills the gaps and checks what can be checked before anything is computed. */
export function checkStrategy(model: Module, data: Split | Dataset, options: StrategyOptions): StrategySettings {
  expectModule("find a strategy", model);
  expectTrainingData("find a strategy", data);
  checkOptions("find a strategy", options, names);
  const { large = 100, similar = 0.2, batchSize = 32, maxSamples = 2000, display = true, signal } = options;
  const fail = (expected: string, found: unknown): never => {
    throw new RangeError(`Cannot find a strategy: expected ${expected}, found ${describeValue(found)}`);
  };
  for (const [name, value] of Object.entries({ batchSize, maxSamples })) {
    if (!Number.isInteger(value) || value < 1) fail(`${name} to be a whole number ≥ 1`, value);
  }
  if (!(large >= 1 && large < Infinity)) fail("large to be a number of images ≥ 1", large);
  if (!(similar > 0 && similar < 1)) fail("similar to be a number between 0 and 1", similar);
  const { transforms = model.transforms } = options;
  return { large, similar, batchSize, transforms, maxSamples, display, signal };
}

/** Training and validation samples: those of a split, or a dataset's own, the same division every time. */
export function divided(data: Split | Dataset): Split {
  const split = "train" in data ? data : data.split({ validation: 0.2, seed: 0 });
  if (split.validation) return split;
  throw new TypeError(
    `Cannot find a strategy: expected a split with validation samples, found none in "${split.name}"; a dataset alone ` +
      "is split by itself",
  );
}
