import { formatNumber } from "../../display/mod.ts";
import { noiseOf, noiseOfDifference, normalShare } from "../trials/noise.ts";
import type { SplitRow } from "./split_rows.ts";

/** The best split: of those trained to the end the one with the highest mean accuracy; of equal ones the one that trains least. */
export function bestRow(rows: readonly SplitRow[]): SplitRow | undefined {
  const judged = rows.filter(({ accuracy }) => accuracy.count > 0);
  const complete = judged.filter((row) => row.complete);
  const order = (a: SplitRow, b: SplitRow) => b.accuracy.mean - a.accuracy.mean || a.trainable - b.trainable;
  return (complete.length ? complete : judged).toSorted(order)[0];
}

/** Which split is best, and whether its neighbours are worse by more than noise, in words. */
export function splitSentence(rows: readonly SplitRow[], validationCount: number): string {
  const best = bestRow(rows);
  if (!best) return "No split has been trained yet";
  const percent = (value: number) => formatNumber(value, "percent").replace("%", " %");
  const complete = rows.filter((row) => row.complete && row.start === best.start);
  const noise = noiseOf(complete.map(({ accuracy }) => accuracy), validationCount);
  const { mean, count } = best.accuracy;
  const unfinished = best.complete ? "" : ` after ${best.epochs} epochs, none having been trained to the end`;
  const head = `Train from ${best.label} on: ${percent(mean)} right on the validation pictures` +
    `${count > 1 ? ` (mean of ${count} seeds)` : ""}${unfinished}`;
  const source = noise.from === "seeds"
    ? `the noise over seeds, ${points(noise.deviation)} for one training`
    : `chance on ${validationCount} pictures, ${points(noise.deviation)} (one seed; more would measure the noise)`;
  const compared = neighbours(complete, best).map((row) => {
    const difference = mean - row.accuracy.mean;
    const z = difference / (noiseOfDifference(noise.deviation, best.accuracy, row.accuracy) || 1e-9);
    return { text: `${row.label} (${points(difference)})`, larger: normalShare(z) > 0.95 };
  });
  const list = (larger: boolean) =>
    compared.filter((one) => one.larger === larger).map(({ text }) => text).join(" and ");
  const sentences = [
    ...(list(true) ? [`It is ahead of ${list(true)} by more than ${source}`] : []),
    ...(list(false) ? [`Its lead over ${list(false)} is within ${list(true) ? "that noise" : source}`] : []),
  ];
  return [head, ...sentences].join(". ") + ".";
}

/** What stands next to the best split: the splits just below and above that were trained to the end. */
function neighbours(rows: readonly SplitRow[], best: SplitRow): SplitRow[] {
  const at = rows.indexOf(best);
  return [rows[at - 1], rows[at + 1]].filter((row) => row !== undefined);
}

function points(share: number): string {
  return `${(100 * share).toFixed(1)} points`;
}
