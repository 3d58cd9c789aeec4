/** A setting's row for the tests of what a batch norm study says and shows. */
import type { AblationFacts } from "../../../lib/study/ablation/ablation_study.ts";
import { detailsOf, dimensions, normLabels } from "../../../lib/study/batch_norm/batch_norm_plan.ts";
import type { Norm } from "../../../lib/study/batch_norm/batch_norm_setting.ts";
import type { BatchNormRow } from "../../../lib/study/batch_norm/batch_norm_study.ts";
import type { LayerMeasurements } from "../../../lib/study/batch_norm/measurements.ts";
import { measured } from "../../../lib/study/trials/noise.ts";
import { epoch } from "../splits/scripted.ts";

/** What is not the setting's own in a {@linkcode row}. */
export interface RowMore {
  learningRate?: number;
  batchSize?: number;
  momentum?: number | null;
  /** How many further trainings broke off. */
  broken?: number;
  /** What was measured in each training. */
  layers?: LayerMeasurements[];
}

/** A setting that was trained to the end, from as many seeds as there are accuracies. */
export function row(
  norm: Norm,
  accuracies: readonly number[],
  { broken = 0, layers = [], ...more }: RowMore = {},
): BatchNormRow {
  const setting = { norm, ...more };
  const runs = accuracies.map((accuracy, seed) => ({
    seed,
    history: [epoch(1, accuracy / 2), epoch(2, accuracy)],
    training: { loss: 0.1, accuracy: 1 },
    measured: JSON.parse(JSON.stringify({ layers })),
  }));
  const fallen = Array.from({ length: broken }, (_, i) => ({
    seed: accuracies.length + i,
    history: [],
    error: "Cannot go on training: the loss became NaN",
  }));
  return {
    setting,
    label: [normLabels[norm], ...detailsOf(setting, dimensions)].join(", "),
    parameters: 1000,
    trainable: 1000,
    accuracy: measured(accuracies),
    training: measured(accuracies.map(() => 1)),
    gap: measured(accuracies.map((accuracy) => 1 - accuracy)),
    loss: measured(accuracies.map(() => 0.5)),
    best: measured(accuracies),
    complete: accuracies.length > 0,
    broken,
    seconds: 12.5,
    peakBytes: 3 * 1024 * 1024,
    runs: [...runs, ...fallen],
  };
}

/** A batch norm that has drifted so far, epoch by epoch. */
export function layer(name: string, below: boolean, drift: readonly number[], spread = 1): LayerMeasurements {
  const distance = { mean: [...drift], variance: drift.map((value) => value / 2) };
  const values = (factor: number) => drift.map(() => factor * spread);
  const activations = { mean: values(0), deviation: values(1), low: values(-1), median: values(0), high: values(1) };
  return { name, below, activations, distance, drift: distance };
}

/** What a study knows beside its rows. */
export function facts(more: Partial<AblationFacts> = {}): AblationFacts {
  return {
    model: "resnet18",
    dataset: "emoji",
    epochs: 2,
    seeds: [0, 1],
    trainingCount: 1000,
    validationCount: 400,
    epochsSpent: 8,
    seconds: 90,
    stopped: false,
    ...more,
  };
}

/** What the accuracies are of. */
export const judges = { validationCount: 400, chance: 0.2 };
