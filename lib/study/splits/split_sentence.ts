import { formatNumber } from "../../display/mod.ts";
import { leadSentences } from "../trials/lead.ts";
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
  const { mean, count } = best.accuracy;
  const unfinished = best.complete ? "" : ` after ${best.epochs} epochs, none having been trained to the end`;
  const head = `Train from ${best.label} on: ${percent(mean)} right on the validation pictures` +
    `${count > 1 ? ` (mean of ${count} seeds)` : ""}${unfinished}`;
  const leads = leadSentences(best, neighbours(complete, best), complete, validationCount);
  return [head, ...leads].join(". ") + ".";
}

/** What stands next to the best split: the splits just below and above that were trained to the end. */
function neighbours(rows: readonly SplitRow[], best: SplitRow): SplitRow[] {
  const at = rows.indexOf(best);
  return [rows[at - 1], rows[at + 1]].filter((row) => row !== undefined);
}
