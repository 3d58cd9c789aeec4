import type { FormatName } from "./mutation.ts";
import type { Result } from "./process.ts";

/** What became of the files of one format and mutation. */
export interface Figures {
  format: FormatName;
  mutation: string;
  files: number;
  refused: number;
  loaded: number;
  unclear: number;
  crashed: number;
  hung: number;
  /** The most memory that the process held, in MB. */
  peakMB: number;
  /** By how much opening one file and reading its tensors made the process larger, at most, in MB. */
  growthMB: number;
  /** The slowest file, in ms of the processors' time. */
  slowestMs: number;
  /** The largest file, in kB. */
  largestKB: number;
}

/** Adds a result to the figures of its kind. */
export function count(figures: Figures[], result: Result): void {
  const { format, mutation, kind } = result;
  let row = figures.find((row) => row.format === format && row.mutation === mutation);
  if (!row) {
    const none = { files: 0, refused: 0, loaded: 0, unclear: 0, crashed: 0, hung: 0 };
    figures.push(row = { format, mutation, ...none, peakMB: 0, growthMB: 0, slowestMs: 0, largestKB: 0 });
  }
  row.files++;
  row[kind]++;
  row.peakMB = Math.max(row.peakMB, Math.round(result.peak / 2 ** 20));
  row.growthMB = Math.max(row.growthMB, Math.round(result.growth / 2 ** 20));
  row.slowestMs = Math.max(row.slowestMs, Math.round(result.milliseconds));
  row.largestKB = Math.max(row.largestKB, Math.round(result.bytes / 1000));
}

/** All of them in one row. */
export function total(figures: readonly Figures[]): Omit<Figures, "format" | "mutation"> {
  const sum = { files: 0, refused: 0, loaded: 0, unclear: 0, crashed: 0, hung: 0 };
  const most = { peakMB: 0, growthMB: 0, slowestMs: 0, largestKB: 0 };
  for (const row of figures) {
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += row[key];
    for (const key of Object.keys(most) as (keyof typeof most)[]) most[key] = Math.max(most[key], row[key]);
  }
  return { ...sum, ...most };
}

/** A table for a terminal. */
export function tableOf(figures: readonly Figures[]): string {
  const columns: (keyof Figures)[] = [
    ...["files", "refused", "loaded", "unclear", "crashed", "hung"] as const,
    ...["peakMB", "growthMB", "slowestMs", "largestKB"] as const,
  ];
  const rows = figures.map((row) => [row.format, row.mutation, ...columns.map((column) => String(row[column]))]);
  const all = total(figures);
  const sum = ["all", "", ...columns.map((column) => String(all[column as keyof typeof all]))];
  const lines = [["format", "mutation", ...columns], ...rows, sum];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) => line.map((cell, i) => i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  "))
    .join("\n");
}
