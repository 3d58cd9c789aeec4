import { formatNumber } from "./format.ts";
import type { Cell, Column, TableSpec } from "./spec.ts";
import { filledBar, histogramText } from "./text_marks.ts";

/** A table as aligned columns under a ruled heading; past `limit` rows it says how many more there are. */
export function tableText(spec: TableSpec, limit = Infinity): string {
  const grouped = spec.groups !== undefined && spec.groups.length > 0;
  const shown = spec.rows.slice(0, limit).map((row) => spec.columns.map((column, i) => cellText(row[i], column)));
  if (grouped) shown.forEach((row) => row[0] = "  " + row[0]);
  const widths = spec.columns.map((column, i) => Math.max(width(column.label), ...shown.map((row) => width(row[i]))));
  const write = (cells: readonly string[]) =>
    cells.map((cell, i) => padded(cell, widths[i], alignment(spec.columns[i], spec.rows, i))).join("  ").trimEnd();

  const body: string[] = [];
  let next = 0;
  for (const group of spec.groups ?? []) {
    if (next >= shown.length) break;
    body.push(group.detail ? `${group.label}  ${group.detail}` : group.label);
    body.push(...shown.slice(next, next + group.rows).map(write));
    next += group.rows;
  }
  body.push(...shown.slice(next).map(write));

  const left = spec.rows.length - shown.length;
  if (left > 0) body.push(`… ${left.toLocaleString("en-US")} more rows`);
  const heading = [write(spec.columns.map((column) => column.label)), widths.map((n) => "─".repeat(n)).join("  ")];
  return [...(spec.title ? [spec.title] : []), ...heading, ...body, ...(spec.caption ? [spec.caption] : [])].join("\n");
}

/** Where a column's cells stand: as it says, else numbers to the right and the rest to the left. */
export function alignment(
  column: Column,
  rows: readonly (readonly Cell[])[],
  index: number,
): "left" | "right" | "center" {
  if (column.align) return column.align;
  const cells = rows.map((row) => row[index]).filter((cell) => cell !== null && cell !== undefined);
  return cells.length > 0 && cells.every((cell) => typeof cell === "number") ? "right" : "left";
}

/** One cell's words. */
export function cellText(cell: Cell | undefined, column: Column): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "string") return oneLine(cell);
  if (typeof cell === "number") return formatNumber(cell, column.format);
  if ("histogram" in cell) return histogramText(cell.histogram);
  if ("bar" in cell) return `${filledBar(cell.bar, 10)} ${oneLine(cell.label)}`;
  return oneLine(cell.text);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

function width(text: string): number {
  return [...text].length;
}

function padded(text: string, length: number, align: "left" | "right" | "center"): string {
  const space = length - width(text);
  const before = align === "right" ? space : align === "center" ? Math.floor(space / 2) : 0;
  return " ".repeat(before) + text + " ".repeat(space - before);
}
