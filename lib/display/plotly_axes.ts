import { axisRange, wholeTicks } from "./chart_frame.ts";
import { hairline } from "./palette.ts";
import type { Panel } from "./spec.ts";

/** The x axis of panel `id`, across a share of the figure. */
export function xAxis(panel: Panel, domain: [number, number], id: string): Record<string, unknown> {
  const ticks = wholeTicks(panel);
  return {
    domain,
    anchor: `y${id}`,
    title: { text: plotlyText(panel.xLabel ?? "") },
    ...axisLook(panel.xScale, panel.xRange, axisRange(panel, "x"), 0.02),
    ...(ticks && { tickmode: "array", tickvals: ticks }),
    ...(panel.xNames && { ticktext: panel.xNames.map(plotlyText) }),
    showgrid: false,
  };
}

/** The y axis of panel `id`, down a share of the figure. */
export function yAxis(panel: Panel, domain: [number, number], id: string): Record<string, unknown> {
  return {
    domain,
    anchor: `x${id}`,
    title: { text: panel.title ? plotlyText(panel.yLabel ?? "") : "" },
    ...axisLook(panel.yScale, panel.yRange, axisRange(panel, "y"), 0.06),
    ...(panel.yFormat === "percent" && { tickformat: ".0%", hoverformat: ".1%" }),
    gridcolor: hairline,
  };
}

function axisLook(
  scale: "linear" | "log" = "linear",
  given: readonly [number, number] | undefined,
  [low, high]: [number, number],
  space: number,
): Record<string, unknown> {
  // a logarithmic axis of plotly's has its range in powers of ten
  const [from, to] = scale === "log" ? [Math.log10(low), Math.log10(high)] : [low, high];
  const spare = given ? 0 : space * (to - from);
  return {
    ...(scale === "log" && { dtick: 1, exponentformat: "power" }),
    type: scale,
    range: [from - spare, to + spare],
    zeroline: false,
    ticks: "outside",
    ticklen: 4,
    tickcolor: hairline,
    linecolor: hairline,
  };
}

/** The words over a panel whose upper left corner is at `x`, `y` of the figure. */
export function heading(panel: Panel, x: number, y: number): Record<string, unknown> {
  return {
    text: `<b>${plotlyText(panel.title ?? panel.yLabel ?? "")}</b>`,
    x,
    y,
    xref: "paper",
    yref: "paper",
    xanchor: "left",
    yanchor: "bottom",
    showarrow: false,
  };
}

/** plotly reads a little HTML in its words; a name is no HTML. */
export function plotlyText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
