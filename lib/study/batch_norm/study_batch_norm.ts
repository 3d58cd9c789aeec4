import type { Split } from "../../data/types.ts";
import { studyAblation } from "../ablation/study_ablation.ts";
import type { DataSource } from "../trials/data_source.ts";
import type { ModelSource } from "../trials/model_source.ts";
import type { RunningStudy } from "../trials/running_study.ts";
import { type BatchNormOptions, checkBatchNormOptions } from "./batch_norm_options.ts";
import { planBatchNorm } from "./batch_norm_plan.ts";
import { BatchNormStudy } from "./batch_norm_study.ts";

/**
 * Finds out what batch norm (Ioffe & Szegedy 2015) does for a network: trains it with and without, at each learning rate, batch
 * size and momentum given, from several seeds, and sets the results side by side. Layers are found by type, so that it works
 * on any network: a network without batch norm gets one behind each convolution, one with it has it taken out.
 *
 * With `until` everything before that stage is frozen, and the question is what its batch norm does meanwhile: `"frozen"` keeps
 * the running statistics, `"moving"` lets them go on as in training, which is what happens in PyTorch unless one sees to it.
 * The study measures how far they drift and what accuracy it costs. `"without"` then leaves batch norm out of what trains.
 *
 * Each training goes on to its last epoch and is judged by that one. A loss that is no number any more is a result: the setting
 * broke off. Before the training and after each epoch the network is looked at in evaluation mode on 64 validation pictures:
 * the activations behind some batch norms, and how far running statistics are from those of the pictures and from where they
 * began; {@linkcode BatchNormMeasurements} says in which form each row's runs have them. Networks are made afresh for each
 * training, as in `studySplits`: board, `folder`, `workers`, stop button and sources are the same.
 *
 * @param data with a training and a validation part: a split, or a description of one, such as
 *   `{ data: "emoji", split: { validation: 0.2 } }`
 * @throws {TypeError | RangeError} where something is not what it must be, before anything is trained
 *
 * @example
 * ```ts
 * import { data, nn, studyBatchNorm } from "thaw";
 *
 * const emoji = (await data.emoji({ size: 90 })).split({ validation: 0.4, seed: 1 });
 * const transforms = { resize: 16, crop: 16, interpolation: "bilinear", mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
 * const network = () =>
 *   new nn.Sequential(
 *     new nn.Conv2d(3, 8, 3, { padding: 1 }),
 *     new nn.BatchNorm2d(8),
 *     new nn.ReLU(),
 *     new nn.AdaptiveAvgPool2d(4),
 *     new nn.Flatten(),
 *     new nn.Linear(128, 9),
 *   );
 * const study = await studyBatchNorm(network, emoji, { learningRates: [0.01, 0.1], epochs: 2, seeds: 2, transforms });
 * console.log(study.summary);
 * console.log(study.rows.map(({ label, accuracy }) => `${label}: ${accuracy.mean.toFixed(2)}`));
 * ```
 */
export function studyBatchNorm(
  model: ModelSource,
  data: DataSource,
  options: BatchNormOptions = {},
): RunningStudy<BatchNormStudy> {
  const settings = checkBatchNormOptions(options);
  let chance = 0;
  return studyAblation(model, data, settings, {
    kind: "batchNorm",
    title: "Batch norm",
    plan: (scout, split) => {
      chance = largestShare(split);
      return planBatchNorm(scout, split, settings);
    },
    watch: settings.layers,
    result: (rows, facts, network) => new BatchNormStudy(rows, facts, network, chance),
  }, options.signal);
}

/** The share of the largest class among the validation pictures. */
function largestShare({ validation: { counts, length } }: Split): number {
  return Math.max(...counts) / Math.max(1, length);
}
