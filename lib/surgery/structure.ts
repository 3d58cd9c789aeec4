import { type Cell, Displayable, formatNumber, type Spec, type TableGroup, type Tone } from "../display/mod.ts";
import { describeValue, expectModule, type Module, Parameter } from "../nn/mod.ts";
import { briefly } from "./replace.ts";

/** One module of a network without parts of its own, or with parameters beside its parts, as it was at some moment. */
export interface StructurePart {
  path: string;
  /** The module itself, by which it is known again under another name. */
  module: Module;
  /** What torch prints for it, its parts left out. */
  text: string;
  /** Its class and its first arguments. */
  brief: string;
  /** The number of its own parameters. */
  parameters: number;
  /** `pretrained` where its values came with a state dict, `new` where they began with the network; empty without parameters. */
  origin: "pretrained" | "partly new" | "new" | "";
  frozen: boolean;
}

/** A network's structure at some moment: what {@linkcode compareStructure} compares with. */
export class Structure extends Displayable {
  constructor(readonly network: string, readonly parts: readonly StructurePart[]) {
    super();
  }

  override spec(): Spec {
    return compareStructure(this, this).spec();
  }
}

/** What became of a part of a network. */
export type StructureChange = "" | "added" | "removed" | "changed" | "renamed";

/** One row of a comparison: a part before and after; one of them is undefined where it was added or removed. */
export interface StructureRow {
  change: StructureChange;
  before?: StructurePart;
  after?: StructurePart;
}

/** A network's structure before and after, part by part; displays as a table. */
export class StructureComparison extends Displayable {
  constructor(readonly network: string, readonly rows: readonly StructureRow[]) {
    super();
  }

  override spec(): Spec {
    const counts = counted(this.rows).map(([count, change]) => `${count} ${change}`);
    const after = this.rows.flatMap(({ after }) => after ?? []);
    const share = (what: string, parts: readonly StructurePart[]) => `${formatNumber(total(parts), "integer")} ${what}`;
    const caption = [
      share("parameters", after),
      share("in pretrained layers", after.filter(({ origin }) => origin === "pretrained")),
      share("in new ones", after.filter(({ origin }) => origin === "new")),
      share("frozen", after.filter(({ frozen }) => frozen)),
    ].join(", ");
    return {
      kind: "table",
      title: `${this.network}${counts.length ? `: ${counts.join(", ")}` : ""}`,
      columns: [
        { label: "module" },
        { label: "" },
        { label: "layer" },
        { label: "parameters", format: "integer", align: "right" },
        { label: "values" },
        { label: "" },
      ],
      rows: this.rows.map(cells),
      ...(this.rows.length > foldFrom ? { groups: groupsOf(this.rows) } : {}),
      caption,
    };
  }
}

const foldFrom = 40; // rows; more are folded by module, open where something but a name changed
const tones: Record<StructureChange, Tone> = {
  "": "neutral",
  added: "good",
  removed: "bad",
  changed: "accent",
  renamed: "muted",
};

/**
 * A network's structure as it is now, to compare with later: {@linkcode compareStructure}.
 *
 * @example
 * ```ts
 * import { compareStructure, insertAfter, models, nn, structure } from "thaw";
 *
 * const model = models.resnet18();
 * const before = structure(model);
 * insertAfter(model, "layer4", new nn.Conv2d(512, 512, 3, { padding: 1 }));
 * const { rows } = compareStructure(before, model);
 * console.log(rows.filter(({ change }) => change === "added").map(({ after }) => after!.path)); // [ "layer4.1" ]
 * ```
 */
export function structure(model: Module): Structure {
  expectModule("look at the structure", model);
  const parts = model.namedModules().flatMap(([path, module]): StructurePart[] => {
    const own = Object.values(module).filter((value) => value instanceof Parameter);
    if (module.children().length && own.length === 0) return [];
    const loaded = own.filter((parameter) => parameter.loaded).length;
    return [{
      path,
      module,
      text: `${module.constructor.name}(${module.extraRepr()})`,
      brief: briefly(module),
      parameters: own.reduce((total, { size }) => total + size, 0),
      origin: own.length === 0 ? "" : loaded === own.length ? "pretrained" : loaded ? "partly new" : "new",
      frozen: own.length > 0 && own.every(({ requiresGrad }) => !requiresGrad),
    }];
  });
  return new Structure(model.constructor.name, parts);
}

/**
 * What became of a network's parts: added, removed, changed, or renamed, with where their values come from and what is frozen.
 *
 * @param before from {@linkcode structure}
 * @param after the network, or its structure at another moment
 * @throws {TypeError} where one of them is something else
 */
export function compareStructure(before: Structure, after: Module | Structure): StructureComparison {
  if (!(before instanceof Structure)) {
    throw new TypeError(
      `Cannot compare structures: expected what structure(model) gave before, found ${describeValue(before)}`,
    );
  }
  const now = after instanceof Structure ? after : structure(after);
  const known = matched(before.parts, now.parts);
  const kept = new Set(known.values());
  const gone = new Map(before.parts.filter((part) => !kept.has(part)).map((part) => [part.path, part]));
  const rows = now.parts.map((part): StructureRow => {
    const old = known.get(part);
    if (old) {
      const same = old.path === part.path;
      const change = old.text !== part.text ? "changed" : same ? "" : "renamed";
      return { change, before: old, after: part };
    }
    const instead = gone.get(part.path);
    gone.delete(part.path);
    return instead ? { change: "changed", before: instead, after: part } : { change: "added", after: part };
  });
  for (const part of gone.values()) {
    const behind = before.parts.slice(0, before.parts.indexOf(part)).toReversed();
    const previous = behind.map((one) => rows.findIndex((row) => row.before === one)).find((index) => index >= 0) ?? -1;
    rows.splice(previous + 1, 0, { change: "removed", before: part });
  }
  return new StructureComparison(now.network, rows);
}

/** For each part the one that it was: the same module, under the same name where it is in several places. */
function matched(before: readonly StructurePart[], now: readonly StructurePart[]): Map<StructurePart, StructurePart> {
  const pairs = new Map<StructurePart, StructurePart>();
  const named = new Map(before.map((part) => [part.path, part]));
  const rest = new Set(before);
  const pair = (part: StructurePart, old: StructurePart | undefined) => {
    if (old) rest.delete(old) && pairs.set(part, old);
  };
  for (const part of now) if (named.get(part.path)?.module === part.module) pair(part, named.get(part.path));
  const others = Map.groupBy(rest, ({ module }) => module);
  for (const part of now) if (!pairs.has(part)) pair(part, others.get(part.module)?.shift());
  return pairs;
}

function cells({ change, before, after }: StructureRow): Cell[] {
  const part = after ?? before!;
  const renamed = before && after && before.path !== after.path ? wasCalled(before.path, after.path) : "";
  return [
    part.path,
    { text: change === "renamed" ? renamed : change + (renamed && `, ${renamed}`), tone: tones[change] },
    layer(before, after),
    part.parameters || null,
    { text: after ? part.origin : "", tone: part.origin === "pretrained" ? "neutral" : "accent" },
    after && part.frozen ? { text: "frozen", tone: "muted" } : null,
  ];
}

/** Of the old name what differs: `was features.3` of `features.3.0.block` that is `features.4.0.block` now. */
function wasCalled(old: string, now: string): string {
  const [was, is] = [old.split("."), now.split(".")];
  while (was.length > 1 && is.length > 1 && was.at(-1) === is.at(-1)) {
    was.pop();
    is.pop();
  }
  return `was ${was.join(".")}`;
}

/** The layer in a few words, and in all of torch's where those do not tell what changed. */
function layer(before: StructurePart | undefined, after: StructurePart | undefined): Cell {
  const { brief, text } = after ?? before!;
  if (!before || !after || before.text === text) return { text: brief, title: text };
  const title = `${before.text} → ${text}`;
  return before.brief === brief ? title : { text: `${before.brief} → ${brief}`, title };
}

/** Rows under one heading. */
interface Part {
  label: string;
  rows: StructureRow[];
}

/** Top-level modules, and of those with too many rows the modules in them. */
function groupsOf(rows: readonly StructureRow[]): TableGroup[] {
  return divided(rows, 1).map(({ label, rows }) => {
    const changes = counted(rows);
    const layers = rows.filter(({ after }) => after).length;
    const detail = [
      `${formatNumber(layers, "integer")} ${layers === 1 ? "layer" : "layers"}`,
      `${formatNumber(total(rows.flatMap(({ after }) => after ?? [])), "integer")} parameters`,
      ...changes.map(([count, change]) => `${count} ${change}`),
    ].join(", ");
    return { label, rows: rows.length, detail, open: changes.some(([, change]) => change !== "renamed") };
  });
}

function divided(rows: readonly StructureRow[], depth: number): Part[] {
  const start = (part: StructurePart | undefined) => part?.path.split(".").slice(0, depth).join(".");
  const parts: Part[] = [];
  let old: string | undefined; // what the module of the row before was called
  for (const row of rows) {
    const last = parts.at(-1);
    // what is gone belongs to the module that it was in, whatever that is called now
    const label = row.after || !last || start(row.before) !== old ? start(row.after ?? row.before)! : last.label;
    old = start(row.before) ?? old;
    if (last?.label === label) last.rows.push(row);
    else parts.push({ label, rows: [row] });
  }
  const deeper = ({ after, before }: StructureRow) => (after ?? before!).path.split(".").length > depth;
  return parts.flatMap((part) =>
    part.rows.length > foldFrom && part.rows.every(deeper) ? divided(part.rows, depth + 1) : part
  );
}

/** How many rows there are of each change, of those that there are. */
function counted(rows: readonly StructureRow[]): (readonly [count: number, change: StructureChange])[] {
  return (["added", "removed", "changed", "renamed"] as const)
    .map((change) => [rows.filter((row) => row.change === change).length, change] as const)
    .filter(([count]) => count > 0);
}

function total(parts: readonly StructurePart[]): number {
  return parts.reduce((sum, { parameters }) => sum + parameters, 0);
}
