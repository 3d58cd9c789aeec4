import type { ChartSpec, Mark, Series } from "../display/mod.ts";
import type { Epoch } from "./history.ts";

/** Learning curves: loss and accuracy by epoch, in training and validation, with the best epoch marked. */
export function learningCurves(history: readonly Epoch[], best?: Epoch): ChartSpec {
  const panel = (yLabel: string, trained: "loss" | "accuracy", held: "validationLoss" | "validationAccuracy") => {
    const x = history.map(({ epoch }) => epoch);
    const series: Series[] = [{ name: "training", x, y: history.map((epoch) => epoch[trained]), points: true }];
    if (history.some((epoch) => epoch[held] !== undefined)) {
      series.push({ name: "validation", x, y: history.map((epoch) => epoch[held] ?? null), points: true });
    }
    const marks: Mark[] = best?.[held] === undefined
      ? []
      : [{ x: best.epoch, y: best[held], label: `best: epoch ${best.epoch}`, tone: "good" }];
    return { yLabel, xLabel: "epoch", series, marks };
  };
  return {
    kind: "chart",
    title: "Learning curves",
    panels: [
      panel("loss", "loss", "validationLoss"),
      { ...panel("accuracy", "accuracy", "validationAccuracy"), yRange: [0, 1], yFormat: "percent" },
    ],
  };
}
