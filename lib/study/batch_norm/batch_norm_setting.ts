import type * as tf from "@tensorflow/tfjs";
import type { Dataset, Split } from "../../data/types.ts";
import { BatchNorm2d, type Module, Sequential } from "../../nn/mod.ts";
import { insertBatchNorm, removeBatchNorm } from "../../surgery/mod.ts";
import { freeze } from "../../training/mod.ts";
import type { AblationSetting } from "../ablation/ablation_plan.ts";
import { cutOfSplit } from "../splits/split_setting.ts";
import type { TrialOptions } from "../trials/experiment.ts";
import { normNames, notePlaces } from "./norm_places.ts";
import { samplesOf } from "./samples.ts";

/**
 * What is done with a network's batch norm.
 *
 * - `"with"`: as it is; a network that has none gets one behind each convolution.
 * - `"without"`: it is taken out; below `until`, where nothing trains, it stays and keeps its statistics.
 * - `"frozen"`: below `until` it uses its running statistics and keeps them, as `freeze` has it.
 * - `"moving"`: below `until` it goes on as in training: the weights are frozen, the statistics are not. That is what becomes
 *   of a network in PyTorch whose parameters have `requires_grad = False` and that is in training mode.
 */
export type Norm = "with" | "without" | "frozen" | "moving";

/** With which batch norm, and how, a network is trained. What is undefined is as it would be anyway. */
export interface BatchNormSetting extends AblationSetting {
  norm: Norm;
  /** The first stage that trains; all of the network unless given. */
  until?: string;
  batchSize?: number;
  /** The share of a new batch in the running statistics; `null` averages over all batches. */
  momentum?: number | null;
  learningRate?: number;
}

/** Freezes a fresh network below the setting's stage, and gives it the setting's batch norm. What is frozen computes the same. */
export async function arrangeBatchNorm(
  model: Module,
  { norm, until, momentum }: BatchNormSetting,
  data: Pick<Split, "train">,
): Promise<void> {
  if (until !== undefined) freeze(model, { until });
  const { names, own } = normNames(model);
  const below = new Set(names.filter((name) => model.get(name).frozen));
  if (norm === "without" && own) {
    const above = names.filter((name) => !below.has(name));
    await withSample(model, data.train, (input) => removeBatchNorm(model, above, { input }));
  }
  if (norm === "with" && !own) {
    await withSample(model, data.train, (input) => insertBatchNorm(model, undefined, { input }));
  }
  if (norm === "moving") freeze(model, { until: until! }, { batchNorm: "train" });
  if (momentum !== undefined) {
    for (const module of model.modules()) {
      if (module instanceof BatchNorm2d && !module.frozen) module.momentum = momentum;
    }
  }
  notePlaces(model, names.map((name) => ({ name, module: standsAt(model, name), below: below.has(name) })));
}

/** The stage whose input no training changes; undefined where there is none but the pictures. */
export function cutOfBatchNorm(model: Module, { norm, until }: BatchNormSetting): string | undefined {
  return until === undefined || norm === "moving" ? undefined : cutOfSplit(model, { until, start: "pretrained" });
}

/** The setting's own options of `fit`. */
export function optionsOfBatchNorm({ batchSize, learningRate }: BatchNormSetting): TrialOptions {
  return {
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(learningRate === undefined ? {} : { learningRate }),
  };
}

/** Gives `use` one picture as the network takes it: surgery runs the network to see how its parts connect. */
async function withSample<T>(model: Module, dataset: Dataset, use: (input: tf.Tensor) => T): Promise<T> {
  const { images, labels } = await samplesOf(dataset, 1, model.transforms);
  try {
    return use(images);
  } finally {
    images.dispose();
    labels.dispose();
  }
}

/** What stands where batch norm is, was, or was put behind a convolution. */
function standsAt(model: Module, name: string): Module {
  const module = model.get(name);
  return module instanceof Sequential ? module.at(-1) : module;
}
