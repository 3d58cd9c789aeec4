/**
 * What the two drawings of a chart have in common: which colour a series has, how far an axis reaches, where its ticks
 * stand. One place, so that the picture and the plotly figure look alike.
 *
 * @module
 */
import { lineColor, toneColors } from "./palette.ts";
import type { ChartSpec, Panel, Series } from "./spec.ts";

/** The colour of each series by its name: the same in every panel, unless a tone says otherwise. */
export function seriesColors(spec: ChartSpec): (series: Series) => string {
  const names = [...new Set(spec.panels.flatMap((panel) => panel.series.map((series) => series.name)))];
  return (series) =>
    series.tone && series.tone !== "neutral" ? toneColors[series.tone] : lineColor(names.indexOf(series.name));
}

/** A series whose points are few enough to be seen one by one has them drawn; a dashed one is there to compare with. */
export function showsPoints(series: Series): boolean {
  return series.points ?? (!series.dashed && series.x.length <= 20);
}

/** A series' points with a gap (null) where there is no finite number; a logarithmic axis has none for 0 and below. */
export function points(series: Series, log = false): { x: number; y: number | null; low: number; high: number }[] {
  return series.x.map((x, i) => {
    const value = series.y[i] ?? NaN;
    const y = Number.isFinite(value) && !(log && value <= 0) ? value : null;
    const error = series.error?.[i] ?? 0;
    const low = value - error;
    return { x, y, low: log && low <= 0 ? value : low, high: value + error };
  });
}

/** The range of an axis: as given, else all that is drawn, never empty. */
export function axisRange(panel: Panel, axis: "x" | "y"): [number, number] {
  const given = axis === "x" ? panel.xRange : panel.yRange;
  if (given) return [given[0], given[1]];
  if (axis === "x" && panel.xNames) return [-0.3, panel.xNames.length - 0.7];
  const log = (axis === "x" ? panel.xScale : panel.yScale) === "log";
  const values = panel.series.flatMap((series) => {
    if (axis === "x") return series.x;
    return points(series, log).flatMap(({ y, low, high }) => y === null ? [] : [y, low, high]);
  });
  for (const mark of panel.marks ?? []) if (mark[axis] !== undefined) values.push(mark[axis]);
  const known = values.filter((value) => Number.isFinite(value) && !(log && value <= 0));
  if (known.length === 0) return log ? [0.1, 1] : [0, 1];
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  if (low < high) return [low, high];
  return log ? [low / 2, low * 2] : [low - 0.5, high + 0.5];
}

/** Ticks for an axis of whole numbers, such as epochs: never one between two of them. Undefined for other axes. */
export function wholeTicks(panel: Panel, most = 8): number[] | undefined {
  if (panel.xNames) return [...panel.xNames.keys()];
  if (panel.xScale === "log") return undefined;
  if (!panel.series.every((series) => series.x.every(Number.isInteger))) return undefined;
  const [low, high] = axisRange(panel, "x");
  const first = Math.ceil(low);
  const step = [1, 2, 5, 10, 20, 50, 100].find((step) => (high - first) / step < most);
  if (step === undefined) return undefined;
  const start = step === 1 ? first : Math.ceil(first / step) * step;
  return Array.from({ length: Math.floor((high - start) / step) + 1 }, (_, i) => start + i * step);
}
