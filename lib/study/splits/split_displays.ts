import { type Cell, type ChartSpec, formatNumber, type Series, type Spec, type TableSpec } from "../../display/mod.ts";
import { accuracyRange } from "../trials/accuracy_range.ts";
import { meanCurves } from "../trials/mean_curves.ts";
import type { SplitFacts } from "./split_study.ts";
import type { SplitRow } from "./split_rows.ts";

const startNames = {
  "pretrained": "above from pretrained",
  "AnB": "above from random (AnB)",
  "AnB+": "above from random, all trains (AnB+)",
} as const;

/**
 * Accuracy by split with ± one standard deviation over seeds; one line for each way to start. What was not trained to the
 * end is no match for what was, and stands on a line of its own.
 */
export function accuracyChart(rows: readonly SplitRow[], best: SplitRow, facts: SplitFacts): ChartSpec {
  const names = [...new Set(rows.map(({ until }) => until))];
  const starts = [...new Set(rows.map(({ start }) => start))];
  const judged = rows.filter(({ accuracy }) => accuracy.count > 0);
  const points = (own: readonly SplitRow[]) => ({
    x: own.map(({ until }) => names.indexOf(until)),
    y: own.map(({ accuracy }) => accuracy.mean),
    error: own.some(({ accuracy }) => accuracy.count > 1) ? own.map(({ accuracy }) => accuracy.deviation) : undefined,
    points: true,
  });
  const series = starts.flatMap((start): Series[] => {
    const own = judged.filter((row) => row.start === start);
    const name = starts.length === 1 && start === "pretrained" ? "trained from there on" : startNames[start];
    const lines = [
      { name, ...points(own.filter(({ complete }) => complete)) },
      {
        name: "not trained to the end",
        ...points(own.filter(({ complete }) => !complete)),
        dashed: true,
        tone: "muted" as const,
      },
    ];
    return lines.filter(({ x }) => x.length > 0);
  });
  const probes = rows.filter(({ probe, start }) => probe !== undefined && start === starts[0]);
  if (probes.length) {
    series.push({
      name: "linear head on the features below",
      x: probes.map(({ until }) => names.indexOf(until)),
      y: probes.map(({ probe }) => probe!),
      dashed: true,
    });
  }
  const { mean } = best.accuracy;
  return {
    kind: "chart",
    title: `Splits of ${facts.model} on ${facts.dataset}`,
    subtitle: subtitle(facts),
    panels: [{
      xLabel: "the first stage that trains; all before it is frozen",
      yLabel: "best validation accuracy",
      yFormat: "percent",
      xNames: names,
      yRange: accuracyRange(series),
      series,
      marks: [{ x: names.indexOf(best.until), y: mean, label: `best: ${best.label}`, tone: "good" }],
    }],
  };
}

/** What was tried, and what it took. */
function subtitle({ search, epochs, seeds, epochsSpent, seconds, stopped }: SplitFacts): string {
  return [
    `${search}, ${epochs} epochs${seeds.length > 1 ? ` from ${seeds.length} seeds` : ""}`,
    `${epochsSpent} epochs spent in ${formatNumber(seconds, "seconds")}${stopped ? ", ended early" : ""}`,
  ].join("; ");
}

/** What the splits share, and what keeps other processes from taking part. */
function caption({ featureBytes: { memory, disk }, note }: SplitFacts): string | undefined {
  const where = disk === 0 ? "in memory" : memory === 0 ? "on disk" : "in memory and on disk";
  const shared = `What is frozen was computed once for all of them: ${formatNumber(memory + disk, "bytes")} ${where}`;
  return [...(memory + disk > 0 ? [shared] : []), ...(note ? [note] : [])].join(". ") || undefined;
}

/** A line for each split. */
export function splitTable(rows: readonly SplitRow[], best: SplitRow, facts: SplitFacts): TableSpec {
  const several = new Set(rows.map(({ start }) => start)).size > 1;
  const probed = rows.some(({ probe }) => probe !== undefined);
  const rated = rows.some(({ learningRate }) => learningRate !== undefined);
  return {
    kind: "table",
    title: "Splits",
    columns: [
      { label: "trains from" },
      ...(several ? [{ label: "above from" }] : []),
      { label: "trainable parameters", align: "right", format: "integer" },
      { label: "best validation accuracy", align: "right" },
      ...(probed ? [{ label: "linear head", align: "right" as const }] : []),
      ...(rated ? [{ label: "learning rate", align: "right" as const }] : []),
      { label: "epochs", align: "right" },
      { label: "time", align: "right", format: "seconds" },
      { label: "memory", align: "right", format: "bytes", title: "the most that tensors took at any moment" },
    ],
    rows: rows.map((row): Cell[] => [
      { text: row.until, tone: row === best ? "good" : undefined },
      ...(several ? [row.start] : []),
      row.trainable,
      accuracyCell(row, best),
      ...(probed ? [row.probe === undefined ? null : percent(row.probe)] : []),
      ...(rated ? [row.learningRate === undefined ? null : rate(row.learningRate)] : []),
      { text: String(row.epochs), title: row.leftOut && "left out then", tone: row.complete ? undefined : "muted" },
      row.seconds,
      row.peakBytes,
    ]),
    caption: caption(facts),
  };
}

function accuracyCell(row: SplitRow, best: SplitRow): Cell {
  const { mean, deviation, count } = row.accuracy;
  if (count === 0) return row.error ? { text: "broke off", title: row.error, tone: "bad" } : null;
  const spread = count > 1 ? ` ± ${(100 * deviation).toFixed(1)}` : "";
  const tone = row === best
    ? "good" as const
    : row.error
    ? "bad" as const
    : row.complete
    ? undefined
    : "muted" as const;
  return { text: percent(mean) + spread, title: row.error, tone };
}

/** What was left out, and why. */
export function leftOutText(rows: readonly SplitRow[]): Spec[] {
  const lines = rows.flatMap(({ leftOut: out }) =>
    out
      ? [
        `${out.split}: left out after ${out.after} epoch${out.after > 1 ? "s" : ""} with ${
          percent(out.accuracy)
        }, when the ` +
        `best had ${percent(out.best)} (behind with a probability of ${percent(out.sureness)})`,
      ]
      : []
  );
  return lines.length ? [{ kind: "text", text: lines.join("\n") }] : [];
}

/** The validation accuracy of each split by epoch: of its seeds the mean. */
export function curvesChart(rows: readonly SplitRow[]): ChartSpec {
  const settings = rows.map(({ label, curves }) => ({ label, runs: curves }));
  const series = meanCurves(settings, ({ validationAccuracy }) => validationAccuracy ?? 0);
  return {
    kind: "chart",
    panels: [{ xLabel: "epoch", yLabel: "validation accuracy by split", yFormat: "percent", series }],
  };
}

/** A range test tells no more than two digits. */
function rate(value: number): string {
  return formatNumber(Number(value.toPrecision(2)));
}

function percent(share: number): string {
  return formatNumber(share, "percent");
}
