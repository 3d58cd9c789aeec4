import { shortened } from "./format.ts";
import { histogramSvg } from "./histogram_svg.ts";
import { bar, caption, evenDigits, mono, title } from "./html_parts.ts";
import { type Child, element, type Markup, svgImage } from "./markup.ts";
import { ground, hairline, line, textColor, toneColors } from "./palette.ts";
import type { Cell, Column, TableGroup, TableSpec } from "./spec.ts";
import { alignment, cellText } from "./text_table.ts";

/** The most letters of a cell; longer ones give way in the middle and are whole in the tooltip. */
const cellLength = 48;

/** Notebooks draw borders and stripes of their own, which these undo. */
const plain = { border: "none", background: "transparent" } as const;

const cellStyle = { border: "none", padding: "3px 20px 3px 0", "white-space": "nowrap" } as const;

/** A table; with groups, a foldable table for each, their columns in line. */
export function tableHtml(spec: TableSpec): Child {
  const columns = spec.columns.map((column, i) => ({ ...column, align: alignment(column, spec.rows, i) }));
  const body = spec.groups?.length ? folded(spec, columns, spec.groups) : table(columns, [
    heading(columns),
    ...spec.rows.map((row) => rowHtml(row, columns)),
  ]);
  const scroll = { "overflow-x": "auto", "max-width": "100%" };
  return [title(spec.title), element("div", scroll, {}, body), caption(spec.caption)];
}

function folded(spec: TableSpec, columns: readonly Column[], groups: readonly TableGroup[]): Child {
  const widths = columns.map((column, i) => columnWidth(column, spec.rows.map((row) => row[i])));
  const indented = (rows: readonly Markup[]) =>
    element("div", { padding: "0 0 6px 18px" }, {}, table(columns, rows, widths));
  let next = 0;
  const folds = groups.map((group) => {
    const rows = spec.rows.slice(next, next + group.rows).map((row) => rowHtml(row, columns));
    next += group.rows;
    return element("details", { margin: "0" }, { open: group.open }, summary(group), indented(rows));
  });
  const rest = spec.rows.slice(next).map((row) => rowHtml(row, columns));
  return [indented([heading(columns)]), folds, rest.length > 0 && indented(rest)];
}

function summary(group: TableGroup): Markup {
  const detail = element("span", { opacity: "0.65", "font-weight": "400", "margin-left": "8px" }, {}, group.detail);
  const style = { cursor: "pointer", padding: "3px 0", "font-weight": "600" };
  return element("summary", style, {}, group.label, group.detail !== undefined && detail);
}

function table(columns: readonly Column[], rows: readonly Markup[], widths?: readonly number[]): Markup {
  const style = {
    ...plain,
    ...evenDigits,
    "border-collapse": "collapse",
    margin: "0",
    "font-size": "13px",
    "table-layout": widths ? "fixed" : "auto",
    width: widths ? `${widths.reduce((sum, width) => sum + width, 0)}px` : "auto",
  };
  const cols = widths && columns.map((_, i) => element("col", { width: `${widths[i]}px` }));
  return element("table", style, {}, cols && element("colgroup", {}, {}, cols), element("tbody", {}, {}, rows));
}

/** Wide enough for a column's longest cell, by letters, so that tables apart from each other stand in line. */
function columnWidth(column: Column, cells: readonly (Cell | undefined)[]): number {
  let letters = column.label.length;
  for (const cell of cells) {
    const pictured = cell !== null && typeof cell === "object" && ("histogram" in cell || "bar" in cell);
    letters = Math.max(letters, pictured ? 12 : Math.min(cellLength, cellText(cell, column).length));
  }
  return Math.round(7.6 * letters) + 20;
}

function heading(columns: readonly Column[]): Markup {
  const look = { "font-size": "12px", "font-weight": "600", opacity: "0.75" };
  const cells = columns.map((column) =>
    element("th", { ...cellStyle, ...look, "text-align": column.align }, { title: column.title }, column.label)
  );
  return element("tr", { ...plain, "border-bottom": `1px solid ${line}` }, {}, cells);
}

function rowHtml(row: readonly Cell[], columns: readonly Column[]): Markup {
  const cells = columns.map((column, i) => {
    const named = i === 0 && column.align === "left" && { "font-family": mono, "font-size": "12px" };
    return element("td", { ...cellStyle, "text-align": column.align, ...named }, {}, cellHtml(row[i], column));
  });
  return element("tr", { ...plain, "border-bottom": `1px solid ${hairline}` }, {}, cells);
}

function cellHtml(cell: Cell | undefined, column: Column): Child {
  if (cell === null || typeof cell !== "object") return short(cellText(cell, column));
  if ("histogram" in cell) return svgImage(...histogramSvg(cell, column.label));
  if ("bar" in cell) {
    const color = toneColors[cell.tone && cell.tone !== "neutral" ? cell.tone : "accent"];
    return [bar(cell.bar, color, ground, "72px"), element("span", { "margin-left": "8px" }, {}, cell.label)];
  }
  const weight = cell.tone && cell.tone !== "neutral" && cell.tone !== "muted" ? "600" : undefined;
  return element(
    "span",
    { color: textColor(cell.tone), "font-weight": weight },
    { title: cell.title },
    short(cell.text),
  );
}

function short(text: string): Child {
  const shown = shortened(text, cellLength);
  return shown === text ? text : element("span", {}, { title: text }, shown);
}
