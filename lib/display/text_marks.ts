import type { FreezeState } from "./spec.ts";

/** A mark for each state, so that colour is never all there is. */
export const stateMarks: Record<FreezeState, string> = { frozen: "❄", trainable: "▶", partly: "◐" };

const eighths = "▁▂▃▄▅▆▇█";

/** Numbers as a row of blocks, lowest to highest; long rows are averaged down to `width`, gaps are spaces. */
export function sparkline(values: readonly (number | null)[], width = 40): string {
  const shown = averaged(values.map((value) => value ?? NaN), Math.min(width, values.length));
  const known = shown.filter(Number.isFinite);
  const low = Math.min(...known);
  const span = Math.max(...known) - low;
  return shown.map((value) => {
    if (!Number.isFinite(value)) return " ";
    return span === 0 ? eighths[3] : eighths[Math.round(7 * (value - low) / span)];
  }).join("");
}

/** Counts as a row of blocks from zero to the largest. */
export function histogramText(counts: readonly number[]): string {
  const top = Math.max(...counts, 0);
  return counts.map((count) => count <= 0 || top === 0 ? " " : eighths[Math.ceil(8 * count / top) - 1]).join("");
}

/** A bar of `width` characters filled to `fraction`. */
export function filledBar(fraction: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

/** How far something is, rounded down: 100% is said of what is done. */
export function percent(fraction: number): string {
  return `${Math.floor(100 * Math.min(1, Math.max(0, fraction)))}%`;
}

function averaged(values: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, i) => {
    const part = values.slice(Math.floor(i * values.length / length), Math.floor((i + 1) * values.length / length));
    const known = part.filter(Number.isFinite);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}
