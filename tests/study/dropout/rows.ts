/** Rows for the tests of what a dropout study says and shows. */
import type { AblationFacts } from "../../../lib/study/ablation/ablation_study.ts";
import type { DropoutRow } from "../../../lib/study/dropout/dropout_study.ts";
import { measured } from "../../../lib/study/trials/noise.ts";
import { epoch } from "../splits/scripted.ts";

/** A rate that was trained to the end, from as many seeds as there are accuracies; training was right on all. */
export function row(
  rate: number,
  accuracies: readonly number[],
  more: Partial<DropoutRow> & { size?: number } = {},
): DropoutRow {
  const { size, ...other } = more;
  const accuracy = measured(accuracies);
  return {
    setting: { rate, size },
    label: `p=${rate}${size === undefined ? "" : `, ${size} pictures`}`,
    parameters: 1000,
    trainable: 100,
    accuracy,
    training: measured(accuracies.map(() => 1)),
    gap: measured(accuracies.map((one) => 1 - one)),
    loss: measured(accuracies.map(() => 0.5)),
    best: accuracy,
    complete: accuracies.length > 0,
    broken: 0,
    seconds: 12.5,
    peakBytes: 3 * 1024 * 1024,
    runs: accuracies.map((last, seed) => ({ seed, history: [epoch(1, last / 2), epoch(2, last)] })),
    ...other,
  };
}

/** What a study knows beside its rows. */
export function facts(more: Partial<AblationFacts> = {}): AblationFacts {
  return {
    model: "resnet18",
    dataset: "emoji",
    epochs: 2,
    seeds: [0, 1],
    trainingCount: 1500,
    validationCount: 400,
    epochsSpent: 8,
    seconds: 90,
    stopped: false,
    ...more,
  };
}
