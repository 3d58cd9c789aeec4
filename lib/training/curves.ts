import type { ChartSpec, Mark, Panel, Series } from "../display/mod.ts";
import type { Epoch } from "./history.ts";
import type { Thaw } from "./thaw.ts";

/**
 * Learning curves: loss and accuracy by epoch, in training and validation, with the best epoch marked; where there are metrics
 * or the learning rate changes, these too.
 *
 * @param thaws where more of the network began to train: vertical lines before the epochs in which it did
 */
export function learningCurves(history: readonly Epoch[], best?: Epoch, thaws: readonly Thaw[] = []): ChartSpec {
  const thawed = thawMarks(thaws, history.length);
  const panel = (yLabel: string, trained: "loss" | "accuracy", held: "validationLoss" | "validationAccuracy") => {
    const x = history.map(({ epoch }) => epoch);
    const series: Series[] = [{ name: "training", x, y: history.map((epoch) => epoch[trained]), points: true }];
    if (history.some((epoch) => epoch[held] !== undefined)) {
      series.push({ name: "validation", x, y: history.map((epoch) => epoch[held] ?? null), points: true });
    }
    const marks: Mark[] = best?.[held] === undefined
      ? []
      : [{ x: best.epoch, y: best[held], label: `best: epoch ${best.epoch}`, tone: "good" }];
    return { yLabel, xLabel: "epoch", series, marks: [...thawed, ...marks] };
  };
  return {
    kind: "chart",
    title: "Learning curves",
    panels: [
      panel("loss", "loss", "validationLoss"),
      { ...panel("accuracy", "accuracy", "validationAccuracy"), yRange: [0, 1], yFormat: "percent" },
      ...metricsPanel(history),
      ...ratePanel(history),
    ],
  };
}

/** A line for each thaw; names that would be written over one another are left out. */
function thawMarks(thaws: readonly Thaw[], epochs: number): Mark[] {
  const letters = 50; // that a panel is wide
  let free = 0;
  return thaws.map(({ epoch, stage }) => {
    const x = epoch - 0.5;
    if (x < free) return { x, tone: "muted" };
    free = x + epochs * (stage.length + 1) / letters;
    return { x, label: stage, tone: "muted" };
  });
}

function metricsPanel(history: readonly Epoch[]): Panel[] {
  const names = [...new Set(history.flatMap(({ metrics }) => Object.keys(metrics ?? {})))];
  if (names.length === 0) return [];
  const x = history.map(({ epoch }) => epoch);
  const series = names.map((name) => ({
    name,
    x,
    y: history.map(({ metrics }) => metrics?.[name] ?? null),
    points: true,
  }));
  return [{ yLabel: "validation metrics", xLabel: "epoch", series }];
}

function ratePanel(history: readonly Epoch[]): Panel[] {
  const y = history.map(({ learningRate }) => learningRate);
  if (y.every((rate) => rate === y[0])) return [];
  const x = history.map(({ epoch }) => epoch);
  return [{ yLabel: "learning rate", xLabel: "epoch", series: [{ name: "learning rate", x, y, points: true }] }];
}
