import { css, type Html, html } from "./html_tag.ts";
import type { FreezeState } from "./spec.ts";
import { stateMarks } from "./text_marks.ts";

/** The face of names and shapes. */
export const mono = "ui-monospace,SFMono-Regular,Menlo,Consolas,monospace";

/** The styles of `<table>`, `<tr>`, `<th>`, `<td>`: notebooks stripe and align tables, which these undo. */
export const plain = { border: "none", background: "transparent" } as const;

/** The heading over a display. */
export function title(text: string | undefined): Html | undefined {
  if (!text) return undefined;
  return html`<div style="${css({ "font-weight": "600", "font-size": "14px", margin: "0 0 6px 0" })}">${text}</div>`;
}

/** The small print under a display. */
export function caption(text: string | undefined): Html | undefined {
  if (!text) return undefined;
  return html`<div style="${css({ "font-size": "12px", opacity: "0.7", margin: "6px 0 0 0" })}">${text}</div>`;
}

/** A bar of `width` (CSS) filled to `share` with one colour. */
export function bar(share: number, color: string, ground: string, width: string, height = 6): Html {
  const filled = `${Math.round(1000 * Math.min(1, Math.max(0, share))) / 10}%`;
  const shape = { height: `${height}px`, "border-radius": `${height / 2}px` };
  const outer = css({ ...shape, display: "inline-block", width, background: ground, "vertical-align": "middle" });
  return html`<span style="${outer}"><span style="${
    css({ ...shape, display: "block", width: filled, background: color })
  }"></span></span>`;
}

/** A state's mark as a glyph in the text's colour: browsers draw some of these as emoji unless told not to. */
export function stateMark(state: FreezeState): string {
  return stateMarks[state] + "\ufe0e";
}
