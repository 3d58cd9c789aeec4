import { jupyterDisplay } from "./displayable.ts";
import { broadcast, flush, jupyter } from "./kernel.ts";
import { isSpec, type Spec } from "./spec.ts";
import { toText } from "./text.ts";

const display = Symbol.for("Jupyter.display");

/**
 * Shows anything, in the middle of a cell too: a spec, a result that displays itself, an object with a
 * `Jupyter.display` method of its own, or any value, as `console.log` would write it. Outside a notebook it is printed.
 *
 * @example
 * ```ts
 * import { show } from "thaw";
 *
 * await show({ kind: "table", columns: [{ label: "class" }, { label: "images" }], rows: [["Flags", 270]] });
 * await show([1, 2, 3]);
 * ```
 */
export async function show(thing: unknown): Promise<void> {
  const kernel = jupyter();
  const spec = await specOf(thing);
  if (!kernel) return console.log(spec ? toText(spec) : thing);
  if (spec) return void await jupyterDisplay(() => spec);
  const own = (thing as { [display]?: unknown } | null | undefined)?.[display];
  const bundle = typeof own === "function" ? await own.call(thing) : { "text/plain": words(thing) };
  // a method that has sent its display itself returns nothing more to send
  if (Object.keys(bundle ?? {}).length > 0) await broadcast(kernel, bundle);
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
