import type { ChartSpec, Panel, Series } from "../../display/mod.ts";
import { normLabels } from "./batch_norm_plan.ts";
import type { BatchNormRow } from "./batch_norm_study.ts";
import { type FinalDistance, finalDistances, layersOf } from "./layer_curves.ts";
import type { LayerMeasurements } from "./measurements.ts";
import { meanByEpoch } from "./measurements.ts";

/** So many layers, or settings, have a line of their own. */
const LINES = 4;

/**
 * The running statistics: of a frozen part how far they moved, by epoch and by depth; of a network that trains how far they
 * are in the end from those of validation pictures.
 */
export function statisticsCharts(rows: readonly BatchNormRow[]): ChartSpec[] {
  const moving = rows.filter(({ setting }) => setting.norm === "moving");
  if (moving.length > 0) return [driftChart(rows, moving)];
  const normalized = rows.filter((row) => row.complete && finalDistances(row, "distance", "all").length > 0);
  if (normalized.length === 0) return [];
  const panel = (title: string, yLabel: string, key: "mean" | "variance") =>
    byDepth(
      title,
      yLabel,
      lines(normalized, (row) => finalDistances(row, "distance", "all"), key),
      normalized[0],
      "all",
    );
  return [{
    kind: "chart",
    title: "Running statistics and those of the validation pictures, after the last epoch",
    subtitle: "mean over channels; 0 is where the network sees what it expects",
    panels: [
      panel("How far off the means are", "running standard deviations", "mean"),
      panel("How far apart the variances are", "|log(batch / running)|", "variance"),
    ],
  }];
}

/** How far the running statistics of the frozen part went: by epoch, and at the end by depth. */
function driftChart(rows: readonly BatchNormRow[], moving: readonly BatchNormRow[]): ChartSpec {
  const frozen = rows.filter(({ setting }) => setting.norm === "frozen" || setting.norm === "moving");
  const drifts = (row: BatchNormRow) => finalDistances(row, "drift", "frozen");
  return {
    kind: "chart",
    title: "Drift of the frozen part's running statistics",
    subtitle:
      "means: |mean − mean at the start| in standard deviations at the start; variances: |log(variance / variance at " +
      "the start)|; mean over channels",
    panels: [
      { title: "Means, while the rest trains", xLabel: "epoch", series: driftByEpoch(moving) },
      byDepth("Means, after the last epoch", undefined, lines(frozen, drifts, "mean"), moving[0], "frozen"),
      byDepth("Variances, after the last epoch", undefined, lines(frozen, drifts, "variance"), moving[0], "frozen"),
    ],
  };
}

/** A line for each of some layers; where there are several settings, one for each of them: the mean over layers. */
function driftByEpoch(moving: readonly BatchNormRow[]): Series[] {
  const curves = (row: BatchNormRow) =>
    layersOf(row).filter(hasDrift).map(({ name, drift }) => ({ name, y: drift.mean }));
  const all = moving.length > 1
    ? moving.map((row) => ({ name: row.label, y: meanByEpoch(curves(row).map(({ y }) => y)) }))
    : curves(moving[0]);
  const count = Math.min(LINES, all.length);
  const some = Array.from({ length: count }, (_, i) => all[Math.round(i * (all.length - 1) / Math.max(1, count - 1))]);
  return some.map(({ name, y }) => ({ name, x: [...y.keys()], y }));
}

function hasDrift(layer: LayerMeasurements): layer is LayerMeasurements & Required<Pick<LayerMeasurements, "drift">> {
  return layer.below && layer.drift !== undefined;
}

function lines(
  rows: readonly BatchNormRow[],
  distances: (row: BatchNormRow) => FinalDistance[],
  key: "mean" | "variance",
): Series[] {
  const norms = new Set(rows.map(({ setting }) => setting.norm));
  const several = rows.length > norms.size;
  return rows.slice(0, 2 * LINES).map((row): Series => {
    const layers = distances(row);
    return {
      name: several ? row.label : normLabels[row.setting.norm],
      x: [...layers.keys()],
      y: layers.map((layer) => layer[key].mean),
      error: layers.some((layer) => layer[key].count > 1) ? layers.map((layer) => layer[key].deviation) : undefined,
      points: true,
    };
  });
}

/** A panel over the depth: by name where there are few layers, else by number. */
function byDepth(
  title: string,
  yLabel: string | undefined,
  series: readonly Series[],
  row: BatchNormRow,
  part: "all" | "frozen",
): Panel {
  const names = layersOf(row).filter(({ below, drift }) => drift && (part === "all" || below)).map(({ name }) => name);
  const few = names.length <= 8;
  return {
    title,
    yLabel,
    xLabel: few ? "batch norms" : "batch norms, from the input on",
    ...(few ? { xNames: names } : {}),
    series: few ? series : series.map((one) => ({ ...one, x: one.x.map((x) => x + 1) })),
  };
}
