import { points, seriesColors, showsPoints } from "./chart_frame.ts";
import { faded, grey, toneColors } from "./palette.ts";
import { heading, plotlyText, xAxis, yAxis } from "./plotly_axes.ts";
import { matrixFigure } from "./plotly_matrix.ts";
import type { ChartSpec, Mark, MatrixSpec, Panel, Series } from "./spec.ts";

/** A figure as plotly.js takes it, and as `application/vnd.plotly.v1+json` carries it. */
export interface PlotlyFigure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
  config?: Record<string, unknown>;
}

/**
 * A chart or a matrix as a plotly figure: what it says under the pointer, zooming, and series that a click hides.
 *
 * @example
 * ```ts
 * import { toPlotly } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = { name: "train", x: [1, 2], y: [0.9, 0.4] };
 * const figure = toPlotly({ kind: "chart", panels: [{ yLabel: "loss", series: [loss] }] });
 * assertEquals(figure.data[0].y, [0.9, 0.4]);
 * ```
 */
export function toPlotly(spec: ChartSpec | MatrixSpec): PlotlyFigure {
  return spec.kind === "matrix" ? matrixFigure(spec) : chartFigure(spec);
}

function chartFigure(spec: ChartSpec): PlotlyFigure {
  const columns = Math.max(1, Math.min(3, spec.panels.length));
  const rows = Math.max(1, Math.ceil(spec.panels.length / columns));
  const colorOf = seriesColors(spec);
  const named = new Set<string>();
  const data: Record<string, unknown>[] = [];
  const annotations: Record<string, unknown>[] = [];
  const shapes: Record<string, unknown>[] = [];
  const axes: Record<string, unknown> = {};
  spec.panels.forEach((panel, i) => {
    const id = i === 0 ? "" : String(i + 1);
    for (const series of panel.series) {
      data.push(...traces(series, colorOf(series), id, !named.has(series.name), panel));
      named.add(series.name);
    }
    const across = domain(i % columns, columns, 0.08);
    const down = domain(rows - 1 - Math.floor(i / columns), rows, 0.18);
    axes[`xaxis${id}`] = xAxis(panel, across, id);
    axes[`yaxis${id}`] = yAxis(panel, down, id);
    if (panel.title ?? panel.yLabel) annotations.push(heading(panel, across[0], down[1]));
    for (const mark of panel.marks ?? []) addMark(mark, panel, id, shapes, annotations);
  });
  const title = [spec.title && `<b>${plotlyText(spec.title)}</b>`, spec.subtitle && plotlyText(spec.subtitle)];
  const heads = title.filter((text) => text);
  // from the top down: the title's lines, the legend, the headings of the panels
  const titled = 8 + 20 * heads.length;
  const top = titled + (named.size > 1 ? 24 : 0) + 26;
  const height = top + rows * (columns === 1 ? 270 : 240) + 44;
  const layout = {
    height,
    margin: { l: 50, r: 16, t: top, b: 44 },
    title: {
      text: heads.join("<br>"),
      x: 0,
      xref: "paper",
      xanchor: "left",
      y: 1 - (8 + 10 * heads.length) / height,
      yref: "container",
      yanchor: "middle",
      font: { size: 14 },
    },
    font: { color: grey, size: 12 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hovermode: "x unified",
    hoverlabel: { font: { color: "#222222" }, bgcolor: "rgba(255,255,255,0.95)" },
    showlegend: named.size > 1,
    legend: {
      orientation: "h",
      x: 0,
      y: 1 - titled / height,
      yref: "container",
      yanchor: "top",
      bgcolor: "rgba(0,0,0,0)",
    },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: grey },
    annotations,
    shapes,
    ...axes,
  };
  return { data, layout, config: { responsive: true, displaylogo: false } };
}

function domain(index: number, count: number, gap: number): [number, number] {
  const share = (1 - gap * (count - 1)) / count;
  return [index * (share + gap), Math.min(1, index * (share + gap) + share)];
}

function traces(
  series: Series,
  color: string,
  id: string,
  first: boolean,
  { yScale, xNames }: Panel,
): Record<string, unknown>[] {
  const data = points(series, yScale === "log");
  const common = {
    type: "scatter",
    x: data.map(({ x }) => x),
    xaxis: `x${id}`,
    yaxis: `y${id}`,
    legendgroup: series.name,
  };
  const line = {
    ...common,
    name: plotlyText(series.name),
    y: data.map(({ y }) => y),
    mode: showsPoints(series) ? "lines+markers" : "lines",
    line: { color, width: 2, dash: series.dashed ? "dash" : "solid" },
    marker: { color, size: 5 },
    cliponaxis: false, // a point at 100 % is whole
    showlegend: first,
  };
  if (!series.error) return [line];
  // between things with names there is nothing that a band could say
  if (xNames) return [{ ...line, error_y: { type: "data", array: series.error, color, thickness: 1.2, width: 3 } }];
  const edge = { ...common, mode: "lines", line: { width: 0, color }, showlegend: false, hoverinfo: "skip" };
  const bound = (key: "low" | "high") => data.map((point) => point.y === null ? null : point[key]);
  return [
    { ...edge, y: bound("low") },
    { ...edge, y: bound("high"), fill: "tonexty", fillcolor: faded(color, 0.18) },
    line,
  ];
}

function addMark(
  mark: Mark,
  panel: Panel,
  id: string,
  shapes: Record<string, unknown>[],
  annotations: Record<string, unknown>[],
): void {
  const color = mark.tone && mark.tone !== "neutral" ? toneColors[mark.tone] : grey;
  const { x, y } = mark;
  const line = { color, width: 1.2, dash: "dot" };
  if (x !== undefined && y === undefined) {
    shapes.push({ type: "line", xref: `x${id}`, yref: `y${id} domain`, x0: x, x1: x, y0: 0, y1: 1, line });
  } else if (y !== undefined && x === undefined) {
    shapes.push({ type: "line", xref: `x${id} domain`, yref: `y${id}`, x0: 0, x1: 1, y0: y, y1: y, line });
  }
  if (!mark.label) return;
  // unlike everything else, an annotation on a logarithmic axis stands at the logarithm
  const at = (value: number, scale: Panel["xScale"]) => scale === "log" ? Math.log10(value) : value;
  annotations.push({
    text: plotlyText(mark.label),
    x: x === undefined ? 1 : at(x, panel.xScale),
    y: y === undefined ? 1 : at(y, panel.yScale),
    xref: x === undefined ? `x${id} domain` : `x${id}`,
    yref: y === undefined ? `y${id} domain` : `y${id}`,
    xanchor: x === undefined ? "right" : y === undefined ? "left" : inwards(x, panel),
    yanchor: y === undefined ? "top" : "bottom",
    showarrow: x !== undefined && y !== undefined,
    arrowcolor: color,
    ax: 0,
    ay: -26,
    font: { color, size: 11 },
  });
}

/** At a panel's edge a mark's label goes to its inner side: beyond it there may be no room. */
function inwards(x: number, panel: Panel): "left" | "center" | "right" {
  const xs = panel.series.flatMap((series) => series.x).filter(Number.isFinite);
  const [low, high] = xs.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);
  if (!(high > low)) return "center";
  const share = (x - low) / (high - low);
  return share > 0.85 ? "right" : share < 0.15 ? "left" : "center";
}
