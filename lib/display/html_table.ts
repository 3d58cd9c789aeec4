import { shortened } from "./format.ts";
import { histogramSvg } from "./histogram_svg.ts";
import { bar, caption, mono, plain, title } from "./html_parts.ts";
import { css, type Html, html, svgImage } from "./html_tag.ts";
import { ground, hairline, line, toneColors } from "./palette.ts";
import type { Cell, Column, TableSpec } from "./spec.ts";
import { alignment, cellText } from "./text_table.ts";

/** The most letters of a cell; longer ones give way in the middle and are whole in the tooltip. */
const cellLength = 48;

/** A table; with groups, a foldable table for each, their columns in line. */
export function tableHtml(spec: TableSpec): Html {
  const columns = spec.columns.map((column, i) => ({ ...column, align: alignment(column, spec.rows, i) }));
  const groups = spec.groups ?? [];
  const scroll = css({ "overflow-x": "auto", "max-width": "100%" });
  if (groups.length === 0) {
    const all = table(columns, [heading(columns), ...spec.rows.map((row) => rowHtml(row, columns))]);
    return html`${title(spec.title)}<div style="${scroll}">${all}</div>${caption(spec.caption)}`;
  }
  const widths = columns.map((column, i) => columnWidth(column, spec.rows.map((row) => row[i])));
  const parts = [html`<div style="padding:0 0 0 18px">${table(columns, [heading(columns)], widths)}</div>`];
  let next = 0;
  for (const group of groups) {
    const rows = spec.rows.slice(next, next + group.rows).map((row) => rowHtml(row, columns));
    next += group.rows;
    parts.push(html`<details${
      group.open && html`
        open
      `
    } style="margin:0">${summary(group)}<div style="${css({ padding: "0 0 6px 18px" })}">${
      table(columns, rows, widths)
    }</div></details>`);
  }
  const rest = spec.rows.slice(next).map((row) => rowHtml(row, columns));
  if (rest.length > 0) parts.push(html`<div style="padding:0 0 0 18px">${table(columns, rest, widths)}</div>`);
  return html`${title(spec.title)}<div style="${scroll}">${parts}</div>${caption(spec.caption)}`;
}

function summary(group: { label: string; detail?: string }): Html {
  const style = css({ cursor: "pointer", padding: "3px 0", "font-weight": "600" });
  const detail = css({ opacity: "0.65", "font-weight": "400", "margin-left": "8px" });
  return html`<summary style="${style}">${group.label}<span style="${detail}">${group.detail ?? ""}</span></summary>`;
}

function table(columns: readonly Column[], rows: readonly Html[], widths?: readonly number[]): Html {
  const style = css({
    ...plain,
    "border-collapse": "collapse",
    margin: "0",
    "font-size": "13px",
    "font-variant-numeric": "tabular-nums",
    "table-layout": widths ? "fixed" : "auto",
    width: widths ? `${widths.reduce((sum, width) => sum + width, 0)}px` : "auto",
  });
  const cols = widths && html`<colgroup>${columns.map((_, i) => html`<col style="width:${widths[i]}px">`)}</colgroup>`;
  return html`<table style="${style}">${cols}<tbody>${rows}</tbody></table>`;
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

const padding = "3px 20px 3px 0";

function heading(columns: readonly Column[]): Html {
  const cells = columns.map((column) => {
    const style = css({
      ...plain,
      padding,
      "border-bottom": `1px solid ${line}`,
      "text-align": column.align,
      "font-size": "12px",
      "font-weight": "600",
      opacity: "0.75",
      "white-space": "nowrap",
    });
    return html`
      <th style="${style}" ${column.title && html`
        title="${column.title}"
      `}>${column.label}</th>
    `;
  });
  return html`<tr style="${css(plain)}">${cells}</tr>`;
}

function rowHtml(row: readonly Cell[], columns: readonly Column[]): Html {
  const cells = columns.map((column, i) => {
    const style = css({
      ...plain,
      padding,
      "border-bottom": `1px solid ${hairline}`,
      "text-align": column.align,
      "white-space": "nowrap",
      "font-family": i === 0 && column.align === "left" ? mono : undefined,
      "font-size": i === 0 && column.align === "left" ? "12px" : undefined,
    });
    return html`<td style="${style}">${cellHtml(row[i], column)}</td>`;
  });
  return html`<tr style="${css(plain)}">${cells}</tr>`;
}

function cellHtml(cell: Cell | undefined, column: Column): Html {
  if (cell !== null && typeof cell === "object") {
    if ("histogram" in cell) return svgImage(...histogramSvg(cell, column.label));
    const color = toneColors[cell.tone ?? ("bar" in cell ? "accent" : "neutral")];
    if ("bar" in cell) {
      const label = css({ "margin-left": "8px" });
      return html`${bar(cell.bar, color, ground, "72px")}<span style="${label}">${cell.label}</span>`;
    }
    const shown = shortened(cell.text, cellLength);
    const whole = cell.title ?? (shown === cell.text ? undefined : cell.text);
    const style = css({ color, "font-weight": cell.tone && cell.tone !== "muted" ? "600" : undefined });
    return html`
      <span style="${style}" ${whole !== undefined && html`
        title="${whole}"
      `}>${shown}</span>
    `;
  }
  const text = cellText(cell, column);
  const shown = shortened(text, cellLength);
  return shown === text ? html`${text}` : html`<span title="${text}">${shown}</span>`;
}
