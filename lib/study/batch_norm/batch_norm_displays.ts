import { type Cell, type ChartSpec, formatNumber, type Panel, type Series, type TableSpec } from "../../display/mod.ts";
import { bestSetting } from "../ablation/ablation_rows.ts";
import type { AblationFacts } from "../ablation/ablation_study.ts";
import { accuracyRange } from "../trials/accuracy_range.ts";
import { meanCurves } from "../trials/mean_curves.ts";
import type { Measured } from "../trials/noise.ts";
import { detailsOf, type Dimension, dimensions, momentumName, normLabels } from "./batch_norm_plan.ts";
import { isAtChance, type Judges } from "./batch_norm_sentence.ts";
import type { BatchNormRow } from "./batch_norm_study.ts";

/**
 * Accuracy by setting with ± one standard deviation over seeds, the ways side by side: over what was varied most, else over the
 * ways themselves. What broke off is marked at the bottom, and chance where something ended there.
 */
export function accuracyChart(rows: readonly BatchNormRow[], facts: AblationFacts, judges: Judges): ChartSpec {
  const [x, ...others] = variedIn(rows);
  const norms = [...new Set(rows.map(({ setting }) => setting.norm))];
  const places: readonly unknown[] = x ? valuesOf(rows, x) : norms;
  const place = (row: BatchNormRow) => places.indexOf(x ? row.setting[x.key] : row.setting.norm);
  const nameOf = ({ setting }: BatchNormRow) => [normLabels[setting.norm], ...detailsOf(setting, others)].join(", ");
  const names = x ? [...new Set(rows.map(nameOf))] : ["validation accuracy"];
  const series = names.map((name): Series => {
    const own = rows.filter((row) => row.complete && (!x || nameOf(row) === name));
    const everywhere = own.length === 1 && place(own[0]) < 0; // what is not varied in it is the same wherever that stands
    const at = everywhere
      ? [...places.keys()].map((at) => ({ at, row: own[0] }))
      : own.map((row) => ({ at: place(row), row }));
    const points = at.toSorted((a, b) => a.at - b.at);
    return {
      name,
      x: points.map(({ at }) => at),
      y: points.map(({ row }) => row.accuracy.mean),
      error: own.some(({ accuracy }) => accuracy.count > 1)
        ? points.map(({ row }) => row.accuracy.deviation)
        : undefined,
      points: !everywhere,
      dashed: everywhere,
    };
  }).filter(({ x }) => x.length > 0);
  const chance = rows.some((row) => isAtChance(row, judges)) ? [judges.chance] : [];
  const yRange = accuracyRange([...series, { name: "chance", x: chance, y: chance }]);
  const best = bestSetting(rows)! as BatchNormRow;
  const broken = new Set(rows.filter((row) => !row.complete && row.broken > 0).map(place).filter((at) => at >= 0));
  return {
    kind: "chart",
    title: `Batch norm in ${facts.model} on ${facts.dataset}`,
    subtitle: subtitle(facts),
    panels: [{
      xLabel: x?.label ?? "batch norm",
      xNames: places.map((value) => x ? nameOfValue(value, x) : String(value)),
      yLabel: "validation accuracy after the last epoch",
      yFormat: "percent",
      yRange,
      series,
      marks: [
        ...chance.map((y) => ({ y, label: "the largest class" })),
        ...[...broken].map((x) => ({ x, y: yRange[0], label: "broke off", tone: "bad" as const })),
        ...(place(best) < 0 ? [] : [{ x: place(best), y: best.accuracy.mean, label: "best", tone: "good" as const }]),
      ],
    }],
  };
}

/** A line for each setting. */
export function batchNormTable(rows: readonly BatchNormRow[], facts: AblationFacts): TableSpec {
  const named = dimensions.filter(({ key }) => rows.some(({ setting }) => setting[key] !== undefined));
  const best = bestSetting(rows);
  return {
    kind: "table",
    title: "Settings",
    columns: [
      { label: "batch norm" },
      ...named.map(({ label }) => ({ label, align: "right" as const })),
      { label: "training accuracy", align: "right" },
      { label: "validation accuracy", align: "right" },
      { label: "gap in points", align: "right", title: "training accuracy less validation accuracy, seed by seed" },
      { label: "broke off", align: "right", title: "how many trainings' losses were no number any more" },
      { label: "time", align: "right", format: "seconds", title: "of one training" },
      { label: "memory", align: "right", format: "bytes", title: "the most that tensors took at any moment" },
    ],
    rows: rows.map((row): Cell[] => {
      const { setting, training, accuracy, gap, broken, runs, seconds, peakBytes } = row;
      const error = runs.find(({ error }) => error !== undefined)?.error;
      return [
        { text: normLabels[setting.norm], tone: row === best ? "good" : undefined },
        ...named.map((dimension) =>
          setting[dimension.key] === undefined ? null : nameOfValue(setting[dimension.key], dimension)
        ),
        shareText(training),
        accuracy.count ? { text: shareText(accuracy)!, tone: row === best ? "good" : undefined } : null,
        gap.count ? pointsText(gap) : null,
        broken ? { text: `${broken} of ${runs.length}`, title: error, tone: "bad" } : "none",
        seconds,
        peakBytes,
      ];
    }),
    caption: facts.note,
  };
}

/** The training loss by epoch, of the seeds the mean, a panel for each way; without what is far beyond the others. */
export function lossChart(rows: readonly BatchNormRow[]): ChartSpec {
  const varied = variedIn(rows);
  const norms = [...new Set(rows.map(({ setting }) => setting.norm))];
  const curves = (own: readonly BatchNormRow[], label: (row: BatchNormRow) => string) =>
    meanCurves(
      own.map((row) => ({ label: label(row), runs: row.runs.filter(({ history }) => history.length > 0) })),
      ({ loss }) => loss,
    );
  const panels: Panel[] = varied.length === 0 || norms.length === 1
    ? [{ series: curves(rows, ({ label }) => label) }]
    : norms.map((norm) => ({
      title: normLabels[norm],
      series: curves(
        rows.filter(({ setting }) => setting.norm === norm),
        ({ setting }) => detailsOf(setting, varied).join(", ") || normLabels[norm],
      ),
    }));
  const losses = panels.flatMap(({ series }) => series.flatMap(({ y }) => y)).filter((y) => y !== null);
  const most = OUTLYING * medianOf(losses);
  const cut = losses.some((loss) => loss > most);
  const shown = panels.map((panel) => ({ ...panel, series: panel.series.map((one) => upTo(most, one)) }));
  const drawn = losses.filter((loss) => loss <= most);
  return {
    kind: "chart",
    title: "Training loss",
    ...(cut ? { subtitle: `up to ${formatNumber(most)}; a line that ends went beyond` } : {}),
    panels: shown.map((panel) => ({
      ...panel,
      xLabel: "epoch",
      yLabel: "training loss",
      ...(panels.length > 1 && drawn.length ? { yRange: [0, 1.05 * Math.max(...drawn)] as const } : {}),
    })),
  };
}

/** What is larger than the median by this factor would make a line of all else. */
const OUTLYING = 5;

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** A curve without what is above a value. */
function upTo(most: number, series: Series): Series {
  return { ...series, y: series.y.map((value) => value !== null && value <= most ? value : null) };
}

/** What was varied, that with the most values first. */
function variedIn(rows: readonly BatchNormRow[]): Dimension[] {
  const count = (dimension: Dimension) => valuesOf(rows, dimension).length;
  return dimensions.filter((dimension) => count(dimension) > 1).toSorted((a, b) => count(b) - count(a));
}

/** The values that a dimension has in some rows, ascending; an average over all batches comes last. */
function valuesOf(rows: readonly BatchNormRow[], { key }: Dimension): (number | null)[] {
  const values = rows.map(({ setting }) => setting[key]).filter((value) => value !== undefined);
  return [...new Set(values)].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
}

function nameOfValue(value: unknown, { key }: Dimension): string {
  return key === "momentum" ? momentumName(value) : String(value);
}

/** What was tried, and what it took. */
function subtitle({ epochs, seeds, epochsSpent, seconds, stopped }: AblationFacts): string {
  return [
    `${epochs} epochs${seeds.length > 1 ? ` from ${seeds.length} seeds` : ""}, judged after the last one`,
    `${epochsSpent} epochs spent in ${formatNumber(seconds, "seconds")}${stopped ? ", ended early" : ""}`,
  ].join("; ");
}

function shareText({ mean, deviation, count }: Measured): string | null {
  return count ? formatNumber(mean, "percent") + spreadText(deviation, count) : null;
}

function pointsText({ mean, deviation, count }: Measured): string {
  return (100 * mean).toFixed(1) + spreadText(deviation, count);
}

function spreadText(deviation: number, count: number): string {
  return count > 1 ? ` ± ${(100 * deviation).toFixed(1)}` : "";
}
