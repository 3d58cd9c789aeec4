import { jupyterDisplay } from "./displayable.ts";
import { inKernel } from "./kernel.ts";
import { isSpec, type Spec } from "./spec.ts";
import { toText } from "./text.ts";

/** Shows anything: under the cell in a notebook, as text elsewhere. */
export async function show(thing: unknown): Promise<void> {
  const spec = await specOf(thing);
  if (inKernel()) await jupyterDisplay(() => spec);
  else console.log(toText(spec));
}

async function specOf(thing: unknown): Promise<Spec> {
  if (isSpec(thing)) return thing;
  const make = (thing as { spec?: unknown } | null | undefined)?.spec;
  if (typeof make === "function") {
    const spec = await make.call(thing);
    if (isSpec(spec)) return spec;
  }
  return { kind: "text", text: typeof thing === "string" ? thing : Deno.inspect(thing), code: true };
}
