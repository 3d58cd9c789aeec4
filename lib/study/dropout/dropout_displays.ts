import { type Cell, type ChartSpec, formatNumber, type Panel, type Series, type TableSpec } from "../../display/mod.ts";
import type { AblationFacts } from "../ablation/ablation_study.ts";
import { bestSetting } from "../ablation/ablation_rows.ts";
import { accuracyRange } from "../trials/accuracy_range.ts";
import { meanCurves } from "../trials/mean_curves.ts";
import type { Measured } from "../trials/noise.ts";
import { rateName } from "./dropout_plan.ts";
import { bySize } from "./dropout_sentence.ts";
import type { DropoutRow } from "./dropout_study.ts";

const yFormat = "percent";

/**
 * Training and validation accuracy over rates with ± one standard deviation over seeds, and the best rate marked: a panel for
 * each number of training pictures, or, where there is one, a second panel for the gap between the two.
 */
export function accuracyChart(rows: readonly DropoutRow[], facts: AblationFacts): ChartSpec {
  const parts = bySize(rows);
  const panels = parts.map(({ size, rows }): Panel => ({
    ...overRates(rows),
    yLabel: `accuracy${fromText(size)}`,
    series: [
      { name: "on the training pictures", ...line(rows, ({ training }) => training) },
      { name: "on the validation pictures", ...line(rows, ({ accuracy }) => accuracy) },
    ],
    marks: [rows].flatMap((rows) => {
      const best = bestSetting(rows);
      if (!best) return [];
      const label = `best: ${rateName(best.setting.rate)}`;
      return [{ x: rows.indexOf(best), y: best.accuracy.mean, label, tone: "good" as const }];
    }),
  }));
  const yRange = accuracyRange(panels.flatMap(({ series }) => series).map(withoutGaps));
  const gap = { ...overRates(rows), yLabel: "gap: by how much training is ahead of validation" };
  return {
    kind: "chart",
    title: `Dropout in ${facts.model} on ${facts.dataset}`,
    subtitle: subtitle(facts),
    panels: [
      ...panels.map((panel) => ({ ...panel, yRange })),
      ...(parts.length === 1 ? [{ ...gap, series: [{ name: "gap", ...line(rows, ({ gap }) => gap) }] }] : []),
    ],
  };
}

/** The gap and the validation accuracy over the number of training pictures, a line for each rate; none where there is one. */
export function sizesChart(rows: readonly DropoutRow[]): ChartSpec[] {
  const sizes = bySize(rows).map(({ size }) => size);
  if (sizes.length < 2) return [];
  const rates = [...new Set(rows.map(({ setting }) => setting.rate))];
  const over = (yLabel: string, value: (row: DropoutRow) => Measured): Panel => ({
    xLabel: "training pictures",
    xNames: sizes.map((size) => formatNumber(size!, "integer")),
    yLabel,
    yFormat,
    series: rates.map((rate) => {
      const own = sizes.map((size) => rows.find(({ setting }) => setting.rate === rate && setting.size === size));
      return { name: rateName(rate), ...line(own, value) };
    }),
  });
  return [{
    kind: "chart",
    panels: [
      over("gap: by how much training is ahead of validation", ({ gap }) => gap),
      over("validation accuracy after the last epoch", ({ accuracy }) => accuracy),
    ],
  }];
}

/** A line for each rate and number of training pictures. */
export function dropoutTable(rows: readonly DropoutRow[], facts: AblationFacts): TableSpec {
  const sized = rows.some(({ setting }) => setting.size !== undefined);
  const best = new Set(bySize(rows).map(({ rows }) => bestSetting(rows)));
  return {
    kind: "table",
    title: "Rates of dropout",
    columns: [
      ...(sized ? [{ label: "training pictures", align: "right" as const, format: "integer" as const }] : []),
      { label: "dropout" },
      { label: "training accuracy", align: "right" },
      { label: "validation accuracy", align: "right" },
      { label: "gap in points", align: "right", title: "training accuracy less validation accuracy, seed by seed" },
      { label: "time", align: "right", format: "seconds", title: "of one training" },
      { label: "memory", align: "right", format: "bytes", title: "the most that tensors took at any moment" },
    ],
    rows: rows.map((row): Cell[] => {
      const tone = best.has(row) ? "good" as const : undefined;
      return [
        ...(sized ? [row.setting.size ?? facts.trainingCount] : []),
        { text: rateName(row.setting.rate), tone },
        withSpread(row.training),
        accuracyCell(row, tone),
        row.gap.count ? pointsText(row.gap) : null,
        row.seconds,
        row.peakBytes,
      ];
    }),
    caption: facts.note,
  };
}

/**
 * Validation accuracy and loss by epoch, a line for each rate: beside each other, or, where there are several numbers of
 * training pictures, in two charts with a panel for each.
 */
export function curvesCharts(rows: readonly DropoutRow[]): ChartSpec[] {
  const parts = bySize(rows);
  const panels = (yLabel: string, value: Parameters<typeof meanCurves>[1], format?: "percent") =>
    parts.map(({ size, rows }): Panel => ({
      xLabel: "epoch",
      yLabel: yLabel + (parts.length === 1 ? "" : fromText(size)),
      yFormat: format,
      series: meanCurves(
        rows.map(({ setting, runs }) => ({ label: rateName(setting.rate), runs: whole(runs) })),
        value,
      ),
    }));
  const accuracies = panels("validation accuracy", ({ validationAccuracy }) => validationAccuracy ?? NaN, yFormat);
  const losses = panels("validation loss", ({ validationLoss }) => validationLoss ?? NaN);
  return parts.length === 1
    ? [{ kind: "chart", panels: [...accuracies, ...losses] }]
    : [{ kind: "chart", panels: accuracies }, { kind: "chart", panels: losses }];
}

/** Seeds that broke off would cut the others' mean short. */
function whole(runs: DropoutRow["runs"]): DropoutRow["runs"] {
  const unbroken = runs.filter(({ error, history }) => error === undefined && history.length > 0);
  return unbroken.length ? unbroken : runs.filter(({ history }) => history.length > 0);
}

function overRates(rows: readonly DropoutRow[]): Pick<Panel, "xLabel" | "xNames" | "yFormat"> {
  return { xLabel: "rate of dropout", xNames: rows.map(({ setting }) => String(setting.rate)), yFormat };
}

/** One value of each row; a gap where it has none. */
function line(rows: readonly (DropoutRow | undefined)[], value: (row: DropoutRow) => Measured): Omit<Series, "name"> {
  const found = rows.map((row) => row?.complete ? value(row) : undefined);
  return {
    x: [...found.keys()],
    y: found.map((one) => one?.count ? one.mean : null),
    error: found.some((one) => one && one.count > 1) ? found.map((one) => one?.deviation ?? 0) : undefined,
    points: true,
  };
}

function withoutGaps({ x, y, error, ...series }: Series): Series {
  const known = [...y.keys()].filter((i) => y[i] !== null);
  const at = <T>(list: readonly T[]) => known.map((i) => list[i]);
  return { ...series, x: at(x), y: at(y), error: error && at(error) };
}

/** What was tried, and what it took. */
function subtitle({ epochs, seeds, epochsSpent, seconds, stopped }: AblationFacts): string {
  return [
    `${epochs} epochs${seeds.length > 1 ? ` from ${seeds.length} seeds` : ""}, judged after the last one`,
    `${epochsSpent} epochs spent in ${formatNumber(seconds, "seconds")}${stopped ? ", ended early" : ""}`,
  ].join("; ");
}

function accuracyCell(row: DropoutRow, tone: "good" | undefined): Cell {
  const error = row.runs.find(({ error }) => error !== undefined)?.error;
  const text = withSpread(row.accuracy);
  if (text === null) return error ? { text: "broke off", title: error, tone: "bad" } : null;
  return row.broken ? { text: `${text} (${row.broken} broke off)`, title: error, tone: "bad" } : { text, tone };
}

function withSpread({ mean, deviation, count }: Measured): string | null {
  if (count === 0) return null;
  return formatNumber(mean, "percent") + (count > 1 ? ` ± ${(100 * deviation).toFixed(1)}` : "");
}

function pointsText({ mean, deviation, count }: Measured): string {
  return (100 * mean).toFixed(1) + (count > 1 ? ` ± ${(100 * deviation).toFixed(1)}` : "");
}

/** From how many pictures, where that is part of the question. */
function fromText(size: number | undefined): string {
  return size === undefined ? "" : ` from ${formatNumber(size, "integer")} pictures`;
}
