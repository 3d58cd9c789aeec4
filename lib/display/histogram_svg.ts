import { formatNumber } from "./format.ts";
import { lineColor } from "./palette.ts";
import type { HistogramCell } from "./spec.ts";

const width = 84, height = 18;

/** A histogram small enough for a table's cell, as `[svg, alt text, width, height]`. */
export function histogramSvg(cell: HistogramCell, what: string): [string, string, number, number] {
  const counts = cell.histogram;
  const top = Math.max(...counts, 1);
  const step = width / Math.max(1, counts.length);
  // one path over all bins: a table has hundreds of these. A bin that is not empty is at least a pixel high.
  const bins = counts.map((count, i) => {
    if (count <= 0) return "";
    const tall = Math.max(1, Math.round((height - 1) * count / top));
    return `M${round(i * step)} ${height}v-${tall}h${round(Math.max(0.5, step - 0.5))}v${tall}z`;
  }).join("");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<path d="${bins}" fill="${lineColor(0)}"/><path d="M0 ${
      height - 0.5
    }h${width}" stroke="#808080" opacity=".4"/></svg>`;
  const range = cell.range ? ` from ${formatNumber(cell.range[0])} to ${formatNumber(cell.range[1])}` : "";
  return [svg, `${what}: histogram${range}`, width, height];
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
