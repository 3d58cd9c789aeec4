import { formatNumber, shortened } from "./format.ts";
import { caption, evenDigits, title } from "./html_parts.ts";
import { type Child, element, type Markup } from "./markup.ts";
import { type MatrixCell, matrixCells, shortPercent } from "./matrix_frame.ts";
import { faded, grey, toneColors } from "./palette.ts";
import type { MatrixSpec } from "./spec.ts";

const plain = { border: "none", background: "transparent" } as const;

/** A matrix as a table of coloured cells: blue where a class met itself, vermillion where it was taken for another. */
export function matrixHtml(spec: MatrixSpec): Child {
  const roomy = spec.labels.length <= 12;
  const width = roomy ? 62 : 36;
  const look = { ...plain, ...evenDigits, "border-collapse": "separate", margin: "0" };
  const rows = matrixCells(spec).map((row, i) =>
    element("tr", plain, {}, rowName(spec.labels[i]), row.map((cell) => cellHtml(cell, roomy)))
  );
  const columns = spec.labels.map((label) => columnName(label, width, roomy));
  const corner = element(
    "th",
    {
      ...plain,
      "font-size": "11px",
      "font-weight": "400",
      opacity: "0.7",
      "text-align": "right",
      padding: "0 8px 4px",
    },
    {},
    "true ↓ predicted →",
  );
  const heading = element("tr", plain, {}, corner, columns);
  const table = element("table", look, {}, element("tbody", {}, {}, heading, rows));
  const scroll = { "overflow-x": "auto", "max-width": "100%" };
  return [title(spec.title), element("div", scroll, {}, table), caption(spec.caption)];
}

function rowName(label: string): Markup {
  const style = { ...plain, "text-align": "right", "font-size": "12px", "font-weight": "400", padding: "0 8px 0 0" };
  return element("th", { ...style, "white-space": "nowrap" }, { title: label }, shortened(label, 28));
}

function columnName(label: string, width: number, roomy: boolean): Markup {
  const style = {
    ...plain,
    width: `${width}px`,
    "min-width": `${width}px`,
    "max-width": `${width}px`,
    padding: "0 0 4px 0",
    "text-align": "center",
    "vertical-align": "bottom",
    "font-size": "11px",
    "font-weight": "400",
    "line-height": "1.2",
    "overflow-wrap": "anywhere",
  };
  return element("th", style, { title: label }, shortened(label, roomy ? 24 : 9));
}

/** Mistakes are few beside what is right, and are to be seen all the same. */
function opacity(share: number, right: boolean): number {
  return Math.round(100 * Math.min(0.6, 0.1 + (right ? 0.5 : 1.2) * share)) / 100;
}

function cellHtml({ count, share, right, words }: MatrixCell, roomy: boolean): Markup {
  const color = toneColors[right ? "accent" : "bad"];
  const style = {
    height: roomy ? "36px" : "24px",
    padding: roomy ? (count ? "3px 0 0 0" : "9px 0 0 0") : "3px 0 0 0",
    "box-sizing": "border-box",
    "text-align": "center",
    "line-height": "1.15",
    "border-radius": "4px",
    "font-size": roomy ? "13px" : "11px",
    // the page's own words stand on it, dark or light: a ground that leaves both readable
    background: count ? faded(color, opacity(share, right)) : faded(grey, 0.06),
  };
  const percent = element("div", { "font-size": "10px", opacity: "0.8" }, {}, shortPercent(share));
  const number = element("div", { "font-weight": right ? "600" : "400" }, {}, formatNumber(count, "integer"));
  const inner = count ? [number, roomy && percent] : element("span", { opacity: "0.4" }, {}, "·");
  return element("td", { ...plain, padding: "1px" }, { title: words }, element("div", style, {}, inner));
}
