import { formatNumber, shortened } from "./format.ts";
import { type MatrixCell, matrixCells, shortPercent } from "./matrix_frame.ts";
import { faded, grey, toneColors } from "./palette.ts";
import type { PlotlyFigure } from "./plotly.ts";
import { plotlyText } from "./plotly_axes.ts";
import type { MatrixSpec, Tone } from "./spec.ts";

/** A matrix as two heat maps in one place: where classes met themselves, and where they were taken for others. */
export function matrixFigure(spec: MatrixSpec): PlotlyFigure {
  const cells = matrixCells(spec);
  const roomy = spec.labels.length <= 12;
  const [wide, tall] = roomy ? [62, 40] : [34, 26];
  const axis = {
    tickmode: "array",
    tickvals: spec.labels.map((_, i) => i),
    ticktext: spec.labels.map((label) => plotlyText(shortened(label, 22))),
    automargin: true,
    showgrid: false,
    zeroline: false,
    ticks: "",
  };
  const title = spec.title ? 30 : 6;
  const layout = {
    width: 150 + wide * spec.labels.length,
    height: title + 110 + tall * spec.labels.length,
    margin: { l: 20, r: 20, t: title, b: 20 },
    title: {
      text: spec.title && `<b>${plotlyText(spec.title)}</b>`,
      x: 0,
      xref: "paper",
      xanchor: "left",
      y: 1,
      yref: "container",
      yanchor: "top",
      pad: { t: 6 },
      font: { size: 14 },
    },
    font: { color: grey, size: 12 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { font: { color: "#222222" }, bgcolor: "rgba(255,255,255,0.95)" },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: grey },
    xaxis: { ...axis, title: { text: "predicted" } },
    yaxis: { ...axis, title: { text: "true" }, autorange: "reversed" },
  };
  const data = [heatmap(cells, true, "accent", roomy), heatmap(cells, false, "bad", roomy)];
  return { data, layout, config: { displaylogo: false } };
}

function heatmap(cells: MatrixCell[][], right: boolean, tone: Tone, roomy: boolean): Record<string, unknown> {
  const own = (cell: MatrixCell) => cell.right === right && cell.count > 0;
  const words = ({ count, share }: MatrixCell) =>
    formatNumber(count, "integer") + (roomy ? `<br>${shortPercent(share)}` : "");
  return {
    type: "heatmap",
    z: cells.map((row) => row.map((cell) => own(cell) ? cell.share : null)),
    text: cells.map((row) => row.map((cell) => own(cell) ? words(cell) : "")),
    customdata: cells.map((row) => row.map((cell) => plotlyText(cell.words))),
    texttemplate: "%{text}",
    hovertemplate: "%{customdata}<extra></extra>",
    hoverongaps: false,
    zmin: 0,
    zmax: right ? 1 : 0.5,
    colorscale: [[0, faded(toneColors[tone], 0.1)], [1, faded(toneColors[tone], 0.6)]],
    showscale: false,
    xgap: 2,
    ygap: 2,
  };
}
