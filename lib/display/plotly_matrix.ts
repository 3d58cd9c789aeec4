import { formatNumber, shortened } from "./format.ts";
import { type MatrixCell, matrixCells, shortPercent } from "./matrix_frame.ts";
import { faded, grey, toneColors } from "./palette.ts";
import type { PlotlyFigure } from "./plotly.ts";
import { plotlyText } from "./plotly_axes.ts";
import type { MatrixSpec } from "./spec.ts";

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
  const layout = {
    width: 210 + wide * spec.labels.length,
    height: 160 + tall * spec.labels.length,
    margin: { l: 20, r: 70, t: 40, b: 12 },
    title: {
      text: `${spec.title ? `<b>${plotlyText(spec.title)}</b>` : ""}  true ↓ predicted →`,
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
    xaxis: { ...axis, side: "top", tickangle: -38 },
    yaxis: { ...axis, autorange: "reversed" },
  };
  const data = [true, false].flatMap((right) => [true, false].map((full) => heatmap(cells, right, full, roomy)));
  return { data, layout, config: { displaylogo: false, displayModeBar: false } };
}

/** The cells that are right, or not, and full, or pale: on those stand white words, on these grey ones, as in pictures. */
function heatmap(cells: MatrixCell[][], right: boolean, full: boolean, roomy: boolean): Record<string, unknown> {
  const own = (cell: MatrixCell) => cell.right === right && cell.share >= 0.5 === full && cell.count > 0;
  const color = toneColors[right ? "accent" : "bad"];
  const [low, high] = full ? [0.85, 1] : [0.1, 0.4];
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
    zmin: full ? 0.5 : 0,
    zmax: full ? 1 : 0.5,
    colorscale: [[0, faded(color, low)], [1, faded(color, high)]],
    textfont: { color: full ? "#ffffff" : grey },
    showscale: false,
    xgap: 2,
    ygap: 2,
  };
}
