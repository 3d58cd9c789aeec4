/**
 * What the drawings of a matrix have in common: each cell's share of its row and what there is to say of it.
 *
 * @module
 */
import { formatNumber, shortened } from "./format.ts";
import type { MatrixSpec, TableSpec } from "./spec.ts";

/** One cell of a matrix. */
export interface MatrixCell {
  count: number;
  /** Of its row, from 0 to 1; 0 in a row without counts. */
  share: number;
  /** Whether a class met itself. */
  right: boolean;
  /** What it is, in words. */
  words: string;
}

/** A matrix's cells, row by row. */
export function matrixCells({ labels, counts }: MatrixSpec): MatrixCell[][] {
  return counts.map((row, i) => {
    const whole = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, j) => {
      const share = whole ? count / whole : 0;
      const part = `${formatNumber(count, "integer")} of ${formatNumber(whole, "integer")}`;
      const what = i === j ? `${labels[i]} predicted right` : `${labels[i]} taken for ${labels[j]}`;
      return { count, share, right: i === j, words: `${what}: ${part} (${formatNumber(share, "percent")})` };
    });
  });
}

/** A share as it is written in a cell, where there is little room. */
export function shortPercent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

/** A matrix as a table. */
export function matrixTable(spec: MatrixSpec): TableSpec {
  return {
    kind: "table",
    title: spec.title,
    caption: spec.caption,
    columns: [
      { label: "true ↓  predicted →" },
      ...spec.labels.map((label) => ({ label: shortened(label, 10), align: "right" as const })),
    ],
    rows: matrixCells(spec).map((row, i) => [
      spec.labels[i],
      ...row.map(({ count, share }) => count ? `${formatNumber(count, "integer")} ${shortPercent(share)}` : "·"),
    ]),
  };
}
