import { formatNumber } from "./format.ts";
import type { BlocksSpec, ChartSpec, ImagesSpec, ProgressSpec, Series, Spec, TreeNode } from "./spec.ts";
import { matrixTable } from "./matrix_frame.ts";
import { summaryTable } from "./summary_table.ts";
import { tableText } from "./text_table.ts";
import { filledBar, percent, sparkline, stateMarks } from "./text_marks.ts";

/** What a text rendering may leave out. */
export interface TextOptions {
  /** The most rows of a table, lines of a tree or pictures of a grid that are written; all unless given. */
  rows?: number;
}

/**
 * A spec as plain text: what `String(x)`, `console.log(x)`, a terminal and a notebook's `text/plain` show.
 *
 * @example
 * ```ts
 * import { toText } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const text = toText({ kind: "table", columns: [{ label: "class" }, { label: "images" }], rows: [["Flags", 270]] });
 * assertEquals(text, "class  images\n─────  ──────\nFlags     270");
 * ```
 */
export function toText(spec: Spec, options: TextOptions = {}): string {
  const rows = options.rows ?? Infinity;
  switch (spec.kind) {
    case "text":
      return spec.text;
    case "table":
      return tableText(spec, rows);
    case "tree":
      if (spec.root.multiplyAdds !== undefined) return tableText(summaryTable(spec), rows);
      return lines(spec.title, limited(treeText(spec.root), rows), spec.caption);
    case "chart":
      return chartText(spec);
    case "matrix":
      return tableText(matrixTable(spec), rows);
    case "images":
      return imagesText(spec, rows);
    case "blocks":
      return blocksText(spec);
    case "progress":
      return progressText(spec);
    case "stack":
      return spec.items.map((item) => toText(item, options)).join("\n\n");
  }
}

/** The lines that there are, one under the other. */
function lines(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join("\n");
}

function limited(text: string, rows: number): string {
  const all = text.split("\n");
  return all.length <= rows ? text : [...all.slice(0, rows), `… ${all.length - rows} more lines`].join("\n");
}

/** A module and what is in it as torch prints it. */
function treeText(node: TreeNode): string {
  const children = node.children ?? [];
  if (children.length === 0) return `${node.type}(${node.detail ?? ""})`;
  const inner = children.map((child) => `(${child.name}): ${treeText(child)}`);
  if (node.detail) inner.unshift(node.detail);
  return `${node.type}(\n${inner.join("\n").replace(/^/gm, "  ")}\n)`;
}

function chartText(spec: ChartSpec): string {
  const width = Math.max(0, ...spec.panels.flatMap((panel) => panel.series.map((series) => series.name.length)));
  const panels = spec.panels.map((panel) => {
    const axes = [panel.yLabel ?? "y", panel.xLabel].filter((label) => label).join(" over ");
    const series = panel.series.map((one) => `  ${one.name.padEnd(width)}  ${seriesText(one, panel.yFormat)}`);
    return lines(panel.title ?? axes, ...series);
  });
  return lines(spec.title, spec.subtitle, ...panels);
}

function seriesText(series: Series, format: Parameters<typeof formatNumber>[1]): string {
  const known = series.y.filter((y) => y !== null && Number.isFinite(y)) as number[];
  if (known.length === 0) return "(nothing yet)";
  const write = (value: number) => formatNumber(value, format);
  const ends = known.length === 1 ? write(known[0]) : `${write(known[0])} → ${write(known[known.length - 1])}`;
  return `${sparkline(series.y)}  ${ends}`;
}

function imagesText(spec: ImagesSpec, rows: number): string {
  const items = spec.items.slice(0, rows).map((item, i) => {
    const bars = item.bars?.map((bar) => `${bar.label} ${formatNumber(bar.value, "percent")}`).join(", ");
    const mark = item.tone === "good" ? "✓ " : item.tone === "bad" ? "✗ " : "";
    const caption = (item.caption ?? `image ${i + 1}`).replaceAll("\n", " ");
    return bars ? `${mark}${caption}: ${bars}` : `${mark}${caption}`;
  });
  const left = spec.items.length - items.length;
  return lines(spec.title, ...items, left > 0 ? `… ${left} more images` : undefined, spec.caption);
}

function blocksText(spec: BlocksSpec): string {
  const name = Math.max(0, ...spec.blocks.map((block) => block.name.length));
  const counts = spec.blocks.map((block) => formatNumber(block.parameters, "integer"));
  const digits = Math.max(0, ...counts.map((count) => count.length));
  const rows = spec.blocks.map((block, i) => {
    const trains = block.state === "partly" && block.trainable !== undefined
      ? ` (${formatNumber(block.trainable, "integer")} train)`
      : "";
    const row = `${stateMarks[block.state]} ${block.name.padEnd(name)}  ${block.state.padEnd(9)}  `;
    return `${row}${counts[i].padStart(digits)}${trains}`;
  });
  return lines(spec.title, ...rows, spec.caption);
}

function progressText(spec: ProgressSpec): string {
  const parts = [spec.label];
  if (spec.fraction !== null) {
    parts.push(filledBar(spec.fraction, 20), percent(spec.fraction));
  }
  if (spec.detail) parts.push(spec.detail);
  if (spec.timeLeft !== undefined) parts.push(`${formatNumber(spec.timeLeft, "seconds")} left`);
  return parts.join("  ");
}
