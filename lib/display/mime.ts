import { htmlNow } from "./html.ts";
import { base64 } from "./markup.ts";
import { matrixSvg } from "./matrix_svg.ts";
import { loadPictures, type Pictures } from "./pictures.ts";
import { toPlotly } from "./plotly.ts";
import { containsChart, type Spec } from "./spec.ts";
import { toText } from "./text.ts";

/** The most rows, lines or pictures of a bundle's text, which is only there for front ends that show nothing else. */
const textRows = 60;

/**
 * A spec in every form that a notebook may choose from, by mime type.
 *
 * A chart is a plotly figure and a PNG, so that a front end without plotly's renderer shows the picture; a matrix is
 * HTML too. Anything else is HTML; a stack of several too, with its charts as pictures, since a bundle shows one of its forms and no other.
 *
 * @example
 * ```ts
 * import { mimeBundle } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const bundle = await mimeBundle({ kind: "chart", panels: [{ series: [{ name: "loss", x: [1, 2], y: [2, 1] }] }] });
 * assertEquals(Object.keys(bundle), ["application/vnd.plotly.v1+json", "image/png", "text/plain"]);
 * ```
 */
export async function mimeBundle(spec: Spec): Promise<Record<string, unknown>> {
  return bundleNow(spec, containsChart(spec) ? await loadPictures() : undefined);
}

/** {@linkcode mimeBundle} without waiting: without the library that draws charts they have no picture. */
export function bundleNow(spec: Spec, pictures?: Pictures): Record<string, unknown> {
  if (spec.kind === "stack" && spec.items.length === 1) return bundleNow(spec.items[0], pictures);
  const text = { "text/plain": toText(spec, { rows: textRows }) };
  if (spec.kind === "chart") {
    const picture = pictures && { "image/png": base64(pictures.png(pictures.chart(spec))) };
    return { "application/vnd.plotly.v1+json": toPlotly(spec), ...picture, ...text };
  }
  if (spec.kind === "matrix") {
    const picture = pictures && { "image/png": base64(pictures.png(matrixSvg(spec))) };
    const html = { "text/html": htmlNow(spec) };
    return { "application/vnd.plotly.v1+json": toPlotly(spec), ...html, ...picture, ...text };
  }
  if (spec.kind === "text" && (spec.tone ?? "neutral") === "neutral") return text;
  return { "text/html": htmlNow(spec, pictures), ...text };
}
