import { element, type Markup } from "./markup.ts";
import type { FreezeState } from "./spec.ts";
import { stateMarks } from "./text_marks.ts";

/** The face of names and shapes. */
export const mono = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace";

/** Digits of one width; sanitizers that do not know it leave it out. */
export const evenDigits = { "font-variant-numeric": "tabular-nums" } as const;

/** The heading over a display. */
export function title(text: string | undefined): Markup | undefined {
  if (!text) return undefined;
  return element("div", { "font-weight": "600", "font-size": "14px", margin: "0 0 6px 0" }, {}, text);
}

/** The small print under a display. */
export function caption(text: string | undefined): Markup | undefined {
  if (!text) return undefined;
  return element("div", { "font-size": "12px", opacity: "0.7", margin: "6px 0 0 0" }, {}, text);
}

/** A bar of `width` (CSS) and `height` (pixels) filled to `share` with one colour. */
export function bar(share: number, color: string, ground: string, width: string, height = 6): Markup {
  const percent = Math.round(1000 * Math.min(1, Math.max(0, share))) / 10;
  const shape = { height: `${height}px`, "border-radius": `${height / 2}px` };
  const filled = element("span", { ...shape, display: "block", width: `${percent}%`, background: color });
  return element(
    "span",
    { ...shape, display: "inline-block", width, background: ground, "vertical-align": "middle" },
    {},
    filled,
  );
}

/** A state's mark as a glyph in the text's colour: browsers draw some of these as emoji unless told not to. */
export function stateMark(state: FreezeState): string {
  return stateMarks[state] + "\ufe0e";
}
