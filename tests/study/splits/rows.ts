/** A split's row for the tests of what a study says and shows. */
import { measured } from "../../../lib/study/trials/noise.ts";
import type { SplitRow } from "../../../lib/study/splits/split_rows.ts";
import type { SplitFacts } from "../../../lib/study/splits/split_study.ts";
import { epoch } from "./scripted.ts";

/** A split that was trained to the end, from as many seeds as there are accuracies. */
export function row(until: string, accuracies: readonly number[], more: Partial<SplitRow> = {}): SplitRow {
  return {
    until,
    start: "pretrained",
    label: until,
    parameters: 1000,
    trainable: 100,
    accuracy: measured(accuracies),
    complete: accuracies.length > 0,
    epochs: 3,
    seconds: 12.5,
    peakBytes: 3 * 1024 * 1024,
    curves: accuracies.map((best, seed) => ({ seed, history: [epoch(1, best / 2), epoch(2, best), epoch(3, best)] })),
    ...more,
  };
}

/** What a study knows beside its rows. */
export function facts(more: Partial<SplitFacts> = {}): SplitFacts {
  return {
    model: "resnet18",
    dataset: "emoji",
    search: "grid",
    epochs: 3,
    seeds: [0],
    validationCount: 400,
    epochsSpent: 9,
    seconds: 90,
    featureSeconds: 4,
    featureBytes: { memory: 0, disk: 0 },
    stopped: false,
    ...more,
  };
}
