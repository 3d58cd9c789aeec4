import { htmlNow } from "./html.ts";
import { broadcast, flush, type Jupyter } from "./kernel.ts";
import { element } from "./markup.ts";
import { loadPictures } from "./pictures.ts";
import { type PlotlyFigure, toPlotly } from "./plotly.ts";
import type { Spec } from "./spec.ts";
import { toText } from "./text.ts";

const carriers = new WeakSet<Jupyter>();

/** Whether a value is a plotly figure: `data`, an array of traces, and what else it may have. */
export function isFigure(value: unknown): value is PlotlyFigure {
  const { data, layout } = (value ?? {}) as { data?: unknown; layout?: unknown };
  const plain = typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  return plain && Array.isArray(data) && typeof layout === "object" && layout !== null;
}

/**
 * Sends a chart, a matrix or a plotly figure as HTML that draws itself, with plotly.js in it the first time: for front
 * ends without plotly's renderer. Until it is drawn, and where scripts do not run, its picture is there.
 */
export async function broadcastInline(kernel: Jupyter, shown: Spec | PlotlyFigure): Promise<void> {
  const library = carriers.has(kernel) ? undefined : await loadLibrary();
  carriers.add(kernel);
  const html = await inlineHtml(shown, library);
  await broadcast(kernel, { "text/html": html, "text/plain": "kind" in shown ? toText(shown) : "a plotly figure" });
  if (library) await flush(1000); // so long a message takes its time to leave
}

/** A figure as HTML that draws itself; `library` is plotly.js where the page may not have it yet. */
export async function inlineHtml(shown: Spec | PlotlyFigure, library?: string): Promise<string> {
  const id = `thaw-${crypto.randomUUID()}`;
  const figure = "kind" in shown ? toPlotly(shown as Parameters<typeof toPlotly>[0]) : shown;
  const before = "kind" in shown ? htmlNow(shown, await loadPictures()) : "";
  const place = element("div", {}, { id }).text.replace("</div>", `${before}</div>`);
  const carried = library ? `<script>if (!window.Plotly) {\n${scriptSafe(library)}\n}</script>` : "";
  // a notebook may put the script into the page before the library, or before the place that it draws in
  const draw = `(function draw(left) {
  var place = document.getElementById("${id}"), figure = ${scriptSafe(JSON.stringify(figure))};
  if (!place || !window.Plotly) return left && setTimeout(draw, 100, left - 1);
  place.replaceChildren();
  window.Plotly.newPlot(place, figure.data, figure.layout, figure.config);
})(300);`;
  return `${place}${carried}<script>${draw}</script>`;
}

/** plotly.js itself, from the npm package: Deno has fetched it once something of it is imported. */
async function loadLibrary(): Promise<string> {
  await import("plotly.js-dist-min/package.json", { with: { type: "json" } });
  return await Deno.readTextFile(new URL(import.meta.resolve("plotly.js-dist-min/plotly.min.js")));
}

/** In a script's text neither its end nor a comment may begin. */
function scriptSafe(text: string): string {
  return text.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
}
