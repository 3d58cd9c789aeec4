import { blocksHtml } from "./html_blocks.ts";
import { imagesHtml } from "./html_images.ts";
import { matrixHtml } from "./html_matrix.ts";
import { progressHtml } from "./html_progress.ts";
import { tableHtml } from "./html_table.ts";
import { treeHtml } from "./html_tree.ts";
import { type Child, element, type Markup, svgImage } from "./markup.ts";
import { textColor } from "./palette.ts";
import { loadPictures, type Pictures } from "./pictures.ts";
import { containsChart, type Spec, type TextSpec } from "./spec.ts";
import { toText } from "./text.ts";

/**
 * A spec as HTML that survives in any notebook: `style` attributes, `<details>` and `<img>` only, no script, no style
 * sheet and no inline SVG, which untrusted notebooks strip. It takes its text colour from the page, light or dark.
 *
 * @example
 * ```ts
 * import { toHtml } from "thaw";
 * import { assert } from "@std/assert";
 *
 * const page = await toHtml({ kind: "text", text: "1 < 2" });
 * assert(page.includes("1 &lt; 2"));
 * ```
 */
export async function toHtml(spec: Spec): Promise<string> {
  return htmlNow(spec, containsChart(spec) ? await loadPictures() : undefined);
}

/** {@linkcode toHtml} without waiting: a chart is a picture where the library that draws it is given, else text. */
export function htmlNow(spec: Spec, pictures?: Pictures): string {
  const style = { "font-size": "13px", "line-height": "1.5", margin: "4px 0", "max-width": "100%" };
  return element("div", style, {}, inner(spec, pictures)).text;
}

function inner(spec: Spec, pictures?: Pictures): Child {
  switch (spec.kind) {
    case "table":
      return tableHtml(spec);
    case "tree":
      return treeHtml(spec);
    case "matrix":
      return matrixHtml(spec);
    case "images":
      return imagesHtml(spec);
    case "blocks":
      return blocksHtml(spec);
    case "progress":
      return progressHtml(spec);
    case "text":
      return textHtml(spec);
    case "chart": {
      if (!pictures) return textHtml({ kind: "text", text: toText(spec), code: true });
      const { svg, width, height } = pictures.chart(spec);
      return svgImage(svg, toText(spec), width, height);
    }
    case "stack":
      return spec.items.map((item) => element("div", { margin: "0 0 12px 0" }, {}, inner(item, pictures)));
  }
}

function textHtml(spec: TextSpec): Markup {
  const color = textColor(spec.tone);
  if (!spec.code) return element("div", { color, "white-space": "pre-wrap", "max-width": "720px" }, {}, spec.text);
  const style = { color, margin: "0", background: "transparent", "white-space": "pre", "overflow-x": "auto" };
  return element("pre", style, {}, spec.text);
}
