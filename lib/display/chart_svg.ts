import type * as PlotLibrary from "@observablehq/plot";
import { axisRange, points, seriesColors, showsPoints, wholeTicks } from "./chart_frame.ts";
import { formatNumber, shortened } from "./format.ts";
import { escaped } from "./markup.ts";
import { grey, toneColors } from "./palette.ts";
import type { ChartSpec, NumberFormat, Panel, Series } from "./spec.ts";

/** A drawing and its size in CSS pixels. */
export interface Drawing {
  svg: string;
  width: number;
  height: number;
}

const font = "Inter, system-ui, sans-serif";
const gap = 24, rowHeight = 20;

/**
 * A chart as SVG, drawn by Observable Plot in a document without a browser. Its ground is clear and its words are grey,
 * so that it can stand on a white page and on a black one.
 */
export function chartSvg(spec: ChartSpec, plot: typeof PlotLibrary, document: unknown): Drawing {
  const columns = Math.max(1, Math.min(3, spec.panels.length));
  const panelWidth = [560, 390, 310][columns - 1];
  const panelHeight = [270, 250, 220][columns - 1];
  const width = columns * panelWidth + (columns - 1) * gap;
  const colorOf = seriesColors(spec);
  const parts: string[] = [];
  let y = 0;
  if (spec.title) parts.push(words(spec.title, 2, (y += rowHeight) - 5, 14, `font-weight="600"`));
  if (spec.subtitle) parts.push(words(spec.subtitle, 2, (y += rowHeight) - 6, 12));
  const keys = legend(spec, colorOf, width, y);
  parts.push(keys.svg);
  y = keys.bottom + (y > 0 || keys.svg ? 8 : 0);
  spec.panels.forEach((panel, i) => {
    const left = (i % columns) * (panelWidth + gap);
    const top = y + Math.floor(i / columns) * (panelHeight + gap);
    parts.push(words(panelTitle(panel), left + 2, top + 12, 12, `font-weight="600"`));
    parts.push(panelSvg(panel, plot, document, colorOf, left, top + 18, panelWidth, panelHeight - 18));
  });
  const rows = Math.ceil(spec.panels.length / columns);
  const height = Math.ceil(y + rows * panelHeight + Math.max(0, rows - 1) * gap);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" font-family="${font}" fill="${grey}" color="${grey}">${parts.join("")}</svg>`;
  return { svg, width, height };
}

function panelTitle(panel: Panel): string {
  return panel.title ?? panel.yLabel ?? "";
}

function words(text: string, x: number, y: number, size: number, more = ""): string {
  return `<text x="${x}" y="${y}" font-size="${size}" ${more}>${escaped(text)}</text>`;
}

/** What each colour means, in rows as wide as the chart; nothing where a single series needs no telling apart. */
function legend(
  spec: ChartSpec,
  colorOf: (series: Series) => string,
  width: number,
  top: number,
): { svg: string; bottom: number } {
  const all = new Map(spec.panels.flatMap((panel) => panel.series).map((series) => [series.name, series]));
  if (all.size < 2) return { svg: "", bottom: top };
  let x = 2, y = top + rowHeight - 6;
  const parts: string[] = [];
  for (const series of all.values()) {
    const name = shortened(series.name, 36);
    const wide = 30 + 6.6 * name.length + 16;
    if (x > 2 && x + wide > width) [x, y] = [2, y + rowHeight];
    const dash = series.dashed ? `stroke-dasharray="5 3"` : "";
    parts.push(`<path d="M${x} ${y - 4}h20" stroke="${colorOf(series)}" stroke-width="2.5" ${dash}/>`);
    parts.push(words(name, x + 27, y, 12));
    x += wide;
  }
  return { svg: parts.join(""), bottom: y + 6 };
}

function panelSvg(
  panel: Panel,
  plot: typeof PlotLibrary,
  document: unknown,
  colorOf: (series: Series) => string,
  left: number,
  top: number,
  width: number,
  height: number,
): string {
  const log = panel.yScale === "log";
  // names that would run into each other stand aslant
  const letters = panel.xNames?.reduce((most, { length }) => Math.max(most, Math.min(length, 14)), 0) ?? 0;
  const slanted = letters * 6.2 * (panel.xNames?.length ?? 0) > width - 60;
  const drawn = panel.series.flatMap((series) =>
    seriesMarks(series, plot, colorOf(series), log, panel.xNames !== undefined)
  );
  const figure = plot.plot({
    document: document as undefined,
    width,
    height,
    marginLeft: slanted ? 66 : 46, // the first name begins left of its tick
    marginRight: 12,
    marginTop: 12,
    marginBottom: slanted ? 62 : 36,
    style: { fontFamily: font, fontSize: "11px" },
    x: {
      type: panel.xScale ?? "linear",
      domain: axisRange(panel, "x"),
      label: panel.xLabel ?? null,
      labelAnchor: "center",
      labelArrow: "none",
      ticks: wholeTicks(panel) ?? Math.round(width / 70),
      tickSize: 0,
      tickPadding: 8,
      tickFormat: panel.xNames
        ? (value: number) => shortened(panel.xNames![value] ?? "", 14)
        : tickFormat(panel.xScale, wholeTicks(panel) && "integer"),
      tickRotate: slanted ? -28 : 0,
      insetLeft: 4,
      insetRight: 4,
    },
    y: {
      type: panel.yScale ?? "linear",
      domain: axisRange(panel, "y"),
      nice: panel.yRange === undefined,
      label: panel.title ? panel.yLabel ?? null : null,
      labelArrow: "none",
      ticks: 5,
      tickSize: 0,
      tickPadding: 8,
      tickFormat: tickFormat(panel.yScale, panel.yFormat),
    },
    marks: [plot.gridY({ ticks: 5, stroke: grey, strokeOpacity: 0.25 }), ...drawn, ...markMarks(panel, plot)],
  }) as unknown as {
    setAttribute(name: string, value: string): void;
    outerHTML: string;
    querySelector(s: string): { remove(): void } | null;
  };
  figure.querySelector("style")?.remove();
  figure.setAttribute("x", String(left));
  figure.setAttribute("y", String(top));
  return figure.outerHTML;
}

/** How ticks are written: Plot's own way unless there is a format; powers of ten where an axis is logarithmic. */
function tickFormat(scale: Panel["xScale"], format?: NumberFormat): ((value: number) => string) | undefined {
  if (format) return (value) => formatNumber(value, format).replace(/\.0%$/, "%");
  if (scale !== "log") return undefined;
  return (value) => {
    if (Math.abs(Math.log10(value) % 1) > 1e-9) return ""; // 2, 3, … 9 stay unwritten
    return value >= 1e-3 && value < 1e5 ? formatNumber(value) : value.toExponential(0);
  };
}

function seriesMarks(
  series: Series,
  plot: typeof PlotLibrary,
  color: string,
  log: boolean,
  named: boolean,
): PlotLibrary.Markish[] {
  const data = points(series, log);
  const marks: PlotLibrary.Markish[] = [];
  if (series.error) {
    const known = data.filter(({ y }) => y !== null);
    // between things with names there is nothing that a band could say
    if (named) marks.push(plot.ruleX(known, { x: "x", y1: "low", y2: "high", stroke: color, strokeOpacity: 0.6 }));
    else marks.push(plot.areaY(known, { x: "x", y1: "low", y2: "high", fill: color, fillOpacity: 0.18 }));
  }
  const dash = series.dashed ? "5 3" : undefined;
  marks.push(
    plot.lineY(data, {
      x: "x",
      y: "y",
      stroke: color,
      strokeWidth: 2,
      strokeDasharray: dash,
      strokeLinecap: dash && "butt",
    }),
  );
  if (showsPoints(series)) marks.push(plot.dot(data, { x: "x", y: "y", fill: color, r: 2.6 }));
  return marks;
}

function markMarks(panel: Panel, plot: typeof PlotLibrary): PlotLibrary.Markish[] {
  return (panel.marks ?? []).flatMap((mark) => {
    const color = mark.tone && mark.tone !== "neutral" ? toneColors[mark.tone] : grey;
    const line = { stroke: color, strokeDasharray: "2 3", strokeWidth: 1.2 };
    const label = { text: () => mark.label ?? "", fill: color, fontSize: 11 };
    if (mark.x !== undefined && mark.y !== undefined) {
      const at = { x: mark.x, y: mark.y };
      // Towards the middle where the point is near an edge, so that the label is not cut off.
      const [low, high] = axisRange(panel, "x");
      const place = (mark.x - low) / (high - low || 1);
      const textAnchor = place > 0.8 ? "end" : place < 0.2 ? "start" : "middle";
      return [
        plot.dot([at], { x: "x", y: "y", stroke: color, strokeWidth: 2, r: 6 }),
        plot.text([at], { x: "x", y: "y", ...label, textAnchor, dy: -13 }),
      ];
    }
    if (mark.x !== undefined) {
      return [
        plot.ruleX([mark.x], line),
        plot.text([mark.x], { x: (x: number) => x, ...label, frameAnchor: "top", textAnchor: "start", dx: 4 }),
      ];
    }
    if (mark.y === undefined) return [];
    return [
      plot.ruleY([mark.y], line),
      plot.text([mark.y], { y: (y: number) => y, ...label, frameAnchor: "right", textAnchor: "end", dy: -7 }),
    ];
  });
}
