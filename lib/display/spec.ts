/**
 * What can be displayed, as plain data. A spec says what there is to see and never how: text, HTML, a picture and a
 * plotly figure are each a pure function of it, so a display can be tested, saved as JSON and shown anywhere.
 *
 * @module
 */

/** How something is meant; each renderer has its own colour or mark for it. */
export type Tone = "neutral" | "good" | "bad" | "accent" | "muted";

/**
 * How a number is written: `integer` 11,689,512; `compact` 11.7M; `significant` 0.4127 (four digits); `fixed` 0.413
 * (three decimals); `percent` 74.6% (of a fraction); `bytes` 18.8 MB; `seconds` 1 min 12 s. Without one, whole numbers
 * are written as integers and others with four significant digits.
 */
export type NumberFormat = "integer" | "compact" | "significant" | "fixed" | "percent" | "bytes" | "seconds";

/** A distribution, drawn as a small histogram: the counts of equally wide bins from `range[0]` to `range[1]`. */
export interface HistogramCell {
  histogram: readonly number[];
  range?: readonly [number, number];
}

/** A share from 0 to 1, drawn as a bar with its label. */
export interface BarCell {
  bar: number;
  label: string;
  tone?: Tone;
}

/** Text with more to say: `title` is shown when the pointer rests on it, `tone` colours it. */
export interface TextCell {
  text: string;
  title?: string;
  tone?: Tone;
}

/** One cell of a table; `null` is an empty one. */
export type Cell = string | number | null | HistogramCell | BarCell | TextCell;

/** A table's column. `align` is `right` for numbers and `left` for the rest unless given. */
export interface Column {
  label: string;
  title?: string;
  align?: "left" | "right" | "center";
  format?: NumberFormat;
}

/** The next `rows` rows of a table under one foldable heading. */
export interface TableGroup {
  label: string;
  rows: number;
  detail?: string;
  open?: boolean;
}

/** Rows and columns. `groups` fold a long one; their `rows` add up to the number of rows. */
export interface TableSpec {
  kind: "table";
  title?: string;
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
  groups?: readonly TableGroup[];
  caption?: string;
}

/** A module of a network: `detail` is torch's extra_repr, counts are of the whole subtree. */
export interface TreeNode {
  name: string;
  type: string;
  detail?: string;
  shape?: string;
  parameters?: number;
  trainable?: number;
  /** With these at its root a tree is a summary: it has columns, and its text is a table. */
  multiplyAdds?: number;
  frozen?: boolean;
  training?: boolean;
  children?: readonly TreeNode[];
}

/** A network as a foldable tree. */
export interface TreeSpec {
  kind: "tree";
  title?: string;
  root: TreeNode;
  caption?: string;
}

/** A line of a chart. A `null` (or a number that is not finite) in `y` is a gap; `error` is ± around y. */
export interface Series {
  name: string;
  x: readonly number[];
  y: readonly (number | null)[];
  error?: readonly number[];
  tone?: Tone;
  dashed?: boolean;
  points?: boolean;
}

/** Something marked in a panel: a vertical line at `x`, a horizontal one at `y`, or, with both, a point. */
export interface Mark {
  x?: number;
  y?: number;
  label?: string;
  tone?: Tone;
}

/** One pair of axes. */
export interface Panel {
  title?: string;
  xLabel?: string;
  yLabel?: string;
  series: readonly Series[];
  xRange?: readonly [number, number];
  yRange?: readonly [number, number];
  /** What the whole numbers from 0 on the x axis are called, where they stand for something. */
  xNames?: readonly string[];
  xScale?: "linear" | "log";
  yScale?: "linear" | "log";
  yFormat?: NumberFormat;
  marks?: readonly Mark[];
}

/** One or more panels side by side. A series of the same name has the same colour in each. */
export interface ChartSpec {
  kind: "chart";
  title?: string;
  subtitle?: string;
  panels: readonly Panel[];
}

/** A picture of a grid: an encoded PNG (bytes, or base64), what it is, and, for a prediction, its top classes. */
export interface ImageItem {
  png: string | Uint8Array;
  caption?: string;
  title?: string;
  tone?: Tone;
  bars?: readonly { label: string; value: number; tone?: Tone }[];
}

/** How often each class was taken for each: `counts[i][j]` of those that are `labels[i]` were taken for `labels[j]`. */
export interface MatrixSpec {
  kind: "matrix";
  title?: string;
  labels: readonly string[];
  counts: readonly (readonly number[])[];
  caption?: string;
}

/** Pictures in a grid. `size` is the width of each in CSS pixels. */
export interface ImagesSpec {
  kind: "images";
  title?: string;
  items: readonly ImageItem[];
  size?: number;
  caption?: string;
}

/** Whether a stage trains. */
export type FreezeState = "frozen" | "trainable" | "partly";

/** A stage of a network in a freeze map; `trainable` counts those of its parameters that train. */
export interface Block {
  name: string;
  type?: string;
  state: FreezeState;
  parameters: number;
  trainable?: number;
  detail?: string;
}

/** A freeze map: the stages of a network in forward order, each as wide as its share of the parameters. */
export interface BlocksSpec {
  kind: "blocks";
  title?: string;
  blocks: readonly Block[];
  caption?: string;
}

/** Words. */
export interface TextSpec {
  kind: "text";
  text: string;
  tone?: Tone;
  /** Set in a monospaced face, line breaks kept. */
  code?: boolean;
}

/** How far something is. `fraction` is from 0 to 1, or null when the end is not known; `timeLeft` is in seconds. */
export interface ProgressSpec {
  kind: "progress";
  label: string;
  fraction: number | null;
  detail?: string;
  timeLeft?: number;
  tone?: Tone;
}

/** Several displays, one under the other. */
export interface StackSpec {
  kind: "stack";
  items: readonly Spec[];
}

/** Anything that can be displayed. */
export type Spec =
  | TableSpec
  | TreeSpec
  | ChartSpec
  | MatrixSpec
  | ImagesSpec
  | BlocksSpec
  | TextSpec
  | ProgressSpec
  | StackSpec;

const kinds = new Set(["table", "tree", "chart", "matrix", "images", "blocks", "text", "progress", "stack"]);

/** Whether a value is a spec: an object whose `kind` is one of the known ones. */
export function isSpec(value: unknown): value is Spec {
  return typeof value === "object" && value !== null && kinds.has((value as { kind?: string }).kind ?? "");
}

/** Whether any part of a spec is a chart or a matrix, which take a library to draw. */
export function containsChart(spec: Spec): boolean {
  return spec.kind === "chart" || spec.kind === "matrix" || (spec.kind === "stack" && spec.items.some(containsChart));
}

/** What stands in a stack, and in the stacks in it; anything else alone. */
export function flat(spec: Spec): Spec[] {
  return spec.kind === "stack" ? spec.items.flatMap(flat) : [spec];
}
