import { formatNumber } from "../display/format.ts";
import type { Cell, TableGroup, TableSpec } from "../display/spec.ts";
import { bytesPerElement, elementCount } from "./dtype.ts";
import type { Entry, StateDict } from "./state_dict.ts";
import { statistics } from "./statistics.ts";

const foldFrom = 40; // rows; more are folded by top-level module

/** A state dict as a table that can be displayed: a row a tensor. Reads every tensor, one at a time. */
export async function stateDictTable(stateDict: StateDict): Promise<TableSpec> {
  const rows: Cell[][] = [];
  for (const [name, entry] of stateDict) rows.push([name, shapeText(entry), entry.dtype, ...await numbers(entry)]);
  return {
    kind: "table",
    columns: [
      { label: "name" },
      { label: "shape" },
      { label: "dtype" },
      { label: "mean", format: "significant" },
      { label: "std", format: "significant" },
      { label: "distribution" },
      { label: "min", format: "significant" },
      { label: "max", format: "significant" },
    ],
    rows,
    ...(rows.length > foldFrom ? { groups: groupsOf([...stateDict]) } : {}),
    caption: sums([...stateDict.values()]),
  };
}

/** How many tensors, numbers and bytes. */
export function sums(entries: readonly Entry[]): string {
  let count = 0, bytes = 0;
  for (const { shape, dtype } of entries) {
    count += elementCount(shape);
    bytes += elementCount(shape) * bytesPerElement(dtype);
  }
  return `${counted(entries.length, "tensor")}, ${counted(count, "number")}, ${formatNumber(bytes, "bytes")}`;
}

function counted(count: number, noun: string): string {
  return `${formatNumber(count, "integer")} ${noun}${count === 1 ? "" : "s"}`;
}

function shapeText({ shape }: Entry): string {
  return `[${shape.join(", ")}]`;
}

async function numbers(entry: Entry): Promise<Cell[]> {
  const found = statistics(await entry.data(), entry.dtype);
  if (!found) {
    const empty = elementCount(entry.shape) === 0;
    return [
      null,
      null,
      empty ? { text: "no numbers", tone: "muted" } : { text: "none is finite", tone: "bad" },
      null,
      null,
    ];
  }
  const { mean, std, min, max, histogram, notFinite } = found;
  const drawn: Cell = notFinite
    ? { text: `${formatNumber(notFinite)} not finite`, tone: "bad" }
    : min < max
    ? { histogram, range: [min, max] }
    : null;
  return [mean, Number.isNaN(std) ? null : std, drawn, min, max];
}

function groupsOf(pairs: readonly [string, Entry][]): TableGroup[] {
  const groups: { label: string; entries: Entry[] }[] = [];
  for (const [name, entry] of pairs) {
    const label = name.split(".")[0];
    const last = groups[groups.length - 1];
    if (last?.label === label) last.entries.push(entry);
    else groups.push({ label, entries: [entry] });
  }
  return groups.map(({ label, entries }) => ({ label, rows: entries.length, detail: sums(entries) }));
}
