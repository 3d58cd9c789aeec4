import { Displayable } from "../display/displayable.ts";
import type { Cell, Spec } from "../display/spec.ts";
import { toFloat64 } from "./convert.ts";
import type { Entry, StateDict } from "./state_dict.ts";

/** How two state dicts compare in one name. */
export type Difference =
  | { name: string; kind: "only here" | "only there"; shape: readonly number[] }
  | { name: string; kind: "another shape"; here: readonly number[]; there: readonly number[] }
  | {
    name: string;
    kind: "equal" | "differs";
    shape: readonly number[];
    /** The largest distance of two numbers. */
    largest: number;
    /** The length of the difference as a share of this one's length (L2). */
    relative: number;
  };

/** How two state dicts compare, name by name; displays as a table of what is not equal. */
export class StateDictDiff extends Displayable implements Iterable<Difference> {
  /** @param rows in the order of the first, then what only the second has */
  constructor(readonly rows: readonly Difference[]) {
    super();
  }

  /** Whether both have the same names, shapes and numbers. */
  get equal(): boolean {
    return this.rows.every(({ kind }) => kind === "equal");
  }

  /** The names of one kind, in order. */
  names(kind: Difference["kind"]): string[] {
    return this.rows.filter((row) => row.kind === kind).map(({ name }) => name);
  }

  [Symbol.iterator](): Iterator<Difference> {
    return this.rows[Symbol.iterator]();
  }

  override spec(): Spec {
    const equal = this.names("equal").length;
    if (equal === this.rows.length) return { kind: "text", text: `All ${equal} entries are equal`, tone: "good" };
    return {
      kind: "table",
      columns: [
        { label: "name" },
        { label: "" },
        { label: "shape" },
        {
          label: "relative",
          title: "length of the difference as a share of the first one's length",
          format: "significant",
        },
        { label: "largest", title: "largest distance of two numbers", format: "significant" },
      ],
      rows: this.rows.filter(({ kind }) => kind !== "equal").map(cells),
      caption: kinds.map((kind) => [kind, this.names(kind).length] as const)
        .filter(([, count]) => count > 0)
        .map(([kind, count]) => `${count} ${kind === "differs" && count > 1 ? "differ" : kind}`)
        .join(", "),
    };
  }
}

const kinds = ["equal", "differs", "another shape", "only here", "only there"] as const;

/**
 * Compares two state dicts, reading one tensor of each at a time. Numbers are compared as numbers, whatever their element types;
 * two that are both not a number are equal.
 */
export async function diff(here: StateDict, there: StateDict): Promise<StateDictDiff> {
  const rows: Difference[] = [];
  for (const [name, entry] of here) {
    const other = there.get(name);
    if (!other) rows.push({ name, kind: "only here", shape: entry.shape });
    else if (String(other.shape) !== String(entry.shape)) {
      rows.push({ name, kind: "another shape", here: entry.shape, there: other.shape });
    } else rows.push(await compare(name, entry, other));
  }
  for (const [name, { shape }] of there) if (!here.has(name)) rows.push({ name, kind: "only there", shape });
  return new StateDictDiff(rows);
}

async function compare(name: string, here: Entry, there: Entry): Promise<Difference> {
  const { shape } = here;
  if (here === there) return { name, kind: "equal", shape, largest: 0, relative: 0 };
  const [a, b] = [toFloat64(await here.data(), here.dtype), toFloat64(await there.data(), there.dtype)];
  let [largest, apart, length] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    if (!Number.isNaN(a[i])) length += a[i] ** 2;
    if (Object.is(a[i], b[i]) || a[i] === b[i]) continue;
    const distance = Math.abs(a[i] - b[i]);
    if (!(distance <= largest)) largest = distance; // NaN too
    apart += distance ** 2;
  }
  if (largest === 0) return { name, kind: "equal", shape, largest, relative: 0 };
  return { name, kind: "differs", shape, largest, relative: Math.sqrt(apart / length) };
}

function cells(row: Difference): Cell[] {
  const text = (shape: readonly number[]) => `[${shape.join(", ")}]`;
  switch (row.kind) {
    case "another shape":
      return [
        row.name,
        { text: row.kind, tone: "bad" },
        `${text(row.here)} here, ${text(row.there)} there`,
        null,
        null,
      ];
    case "only here":
    case "only there":
      return [row.name, { text: row.kind, tone: "accent" }, text(row.shape), null, null];
    default:
      return [row.name, row.kind, text(row.shape), row.relative, row.largest];
  }
}
