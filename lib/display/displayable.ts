import { broadcast, flush, jupyter } from "./kernel.ts";
import { mimeBundle } from "./mime.ts";
import { flat, type Spec } from "./spec.ts";
import { toText } from "./text.ts";

/**
 * A result that shows itself: as a cell's last value in a notebook, in `console.log`, and as a string.
 *
 * @example
 * ```ts
 * import { Displayable, type Spec } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * class Score extends Displayable {
 *   constructor(readonly accuracy: number) {
 *     super();
 *   }
 *   spec(): Spec {
 *     return { kind: "text", text: `accuracy ${this.accuracy}` };
 *   }
 * }
 * assertEquals(String(new Score(0.75)), "accuracy 0.75");
 * ```
 */
export abstract class Displayable {
  /** What there is to see. */
  abstract spec(): Spec | Promise<Spec>;

  /** The spec as text; a spec that must be waited for is named by its class and shown whole by `await show(x)`. */
  toString(): string {
    const spec = this.spec();
    if (!(spec instanceof Promise)) return toText(spec);
    spec.catch(() => {}); // whoever shows it meets the error
    return `${this.constructor.name} (await show(it) to see it)`;
  }

  /** What Deno's kernel calls for a cell's last value. */
  [Symbol.for("Jupyter.display")](): Promise<Record<string, unknown>> {
    return jupyterDisplay(() => this.spec());
  }

  /** What `console.log` calls in Deno. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

/**
 * The `Jupyter.display` method of a class that cannot extend {@linkcode Displayable}.
 *
 * In a kernel it sends the display itself and returns an empty bundle once that has left: what the kernel is given to
 * send may come after the cell's end, where notebook clients lose it. Elsewhere it returns the bundle.
 *
 * @example
 * ```ts
 * import { jupyterDisplay } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = { [Symbol.for("Jupyter.display")]: () => jupyterDisplay(() => ({ kind: "text", text: "a layer" })) };
 * const bundle = await layer[Symbol.for("Jupyter.display")]();
 * assertEquals(bundle["text/plain"], "a layer");
 * ```
 */
export async function jupyterDisplay(spec: () => Spec | Promise<Spec>): Promise<Record<string, unknown>> {
  const kernel = jupyter();
  const made = await spec();
  if (!kernel) return await mimeBundle(made);
  // a bundle shows one of its forms: what stands in a stack is shown one by one, each at its best
  for (const item of flat(made)) await broadcast(kernel, await mimeBundle(item));
  await flush();
  return {};
}
