import { jupyterDisplay } from "./displayable.ts";
import { broadcastInline, isFigure } from "./inline.ts";
import { broadcast, flush, type Jupyter, jupyter } from "./kernel.ts";
import type { PlotlyFigure } from "./plotly.ts";
import { flat, isSpec, type Spec } from "./spec.ts";
import { toText } from "./text.ts";

const display = Symbol.for("Jupyter.display");

/** Options of {@linkcode show}. */
export interface ShowOptions {
  /**
   * Whether charts, matrices and plotly figures carry plotly.js (4.8 MB, once in a notebook), to be interactive in front
   * ends without its renderer too. Their scripts run in trusted notebooks and in pages made of them; elsewhere the
   * picture stays.
   */
  inline?: boolean;
}

/**
 * Shows anything, in the middle of a cell too: a spec, a result that displays itself, a plotly figure, an object with
 * a `Jupyter.display` method of its own, or any value, as `console.log` would write it. Outside a notebook it is printed.
 *
 * @example
 * ```ts
 * import { show } from "thaw";
 *
 * await show({ kind: "table", columns: [{ label: "class" }, { label: "images" }], rows: [["Flags", 270]] });
 * await show([1, 2, 3]);
 * await show({ data: [{ x: [1, 2], y: [3, 1] }], layout: {} }, { inline: true });
 * ```
 */
export async function show(thing: unknown, { inline = false }: ShowOptions = {}): Promise<void> {
  const kernel = jupyter();
  const spec = await specOf(thing);
  if (!kernel) return console.log(spec ? toText(spec) : thing);
  if (inline && (spec || isFigure(thing))) return await showInline(kernel, spec ?? thing as PlotlyFigure);
  if (spec) return void await jupyterDisplay(() => spec);
  const own = (thing as { [display]?: unknown } | null | undefined)?.[display];
  const bundle = typeof own === "function"
    ? await own.call(thing)
    : isFigure(thing)
    ? { "application/vnd.plotly.v1+json": thing, "text/plain": "a plotly figure" }
    : { "text/plain": words(thing) };
  // a method that has sent its display itself returns nothing more to send
  if (Object.keys(bundle ?? {}).length > 0) await broadcast(kernel, bundle);
  await flush();
}

async function showInline(kernel: Jupyter, shown: Spec | PlotlyFigure): Promise<void> {
  for (const item of "kind" in shown ? flat(shown) : [shown]) {
    const drawn = !("kind" in item) || item.kind === "chart" || item.kind === "matrix";
    await (drawn ? broadcastInline(kernel, item) : jupyterDisplay(() => item));
  }
  await flush();
}

/** The spec that a thing is, or makes; undefined for anything else. */
async function specOf(thing: unknown): Promise<Spec | undefined> {
  if (isSpec(thing)) return thing;
  const make = (thing as { spec?: unknown } | null | undefined)?.spec;
  if (typeof make !== "function") return undefined;
  const made = await make.call(thing);
  return isSpec(made) ? made : undefined;
}

function words(thing: unknown): string {
  return typeof thing === "string" ? thing : Deno.inspect(thing);
}
