import type { Spec } from "./spec.ts";
import { toText } from "./text.ts";

/** The most rows, lines or pictures of a bundle's text, which is only there for front ends that show nothing else. */
const textRows = 60;

/** A spec in every form that a notebook may choose from, by mime type. */
// deno-lint-ignore require-await
export async function mimeBundle(spec: Spec): Promise<Record<string, unknown>> {
  return { "text/plain": toText(spec, { rows: textRows }) };
}
