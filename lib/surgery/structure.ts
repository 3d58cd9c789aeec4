import { type Cell, Displayable, formatNumber, type Spec, type TableGroup, type Tone } from "../display/mod.ts";
import { expectModule, type Module, Parameter } from "../nn/mod.ts";

/** One module of a network without parts of its own, or with parameters beside its parts, as it was at some moment. */
export interface StructurePart {
  path: string;
  /** The module itself, by which it is known again under another name. */
  module: Module;
  /** What torch prints for it, its parts left out. */
  text: string;
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
    const changed = (change: StructureChange) => this.rows.filter((row) => row.change === change).length;
    const counts = (["added", "removed", "changed", "renamed"] as const).map((change) =>
      [changed(change), change] as const
    )
      .filter(([count]) => count > 0)
      .map(([count, change]) => `${count} ${change}`);
    const after = this.rows.flatMap(({ after }) => after ?? []);
    const sum = (parts: readonly StructurePart[]) => parts.reduce((total, { parameters }) => total + parameters, 0);
    const share = (what: string, parts: readonly StructurePart[]) => `${formatNumber(sum(parts), "integer")} ${what}`;
    const caption = [
      `${formatNumber(sum(after), "integer")} parameters`,
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

const foldFrom = 40; // rows; more are folded by top-level module, open where something changed
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
 */
export function compareStructure(before: Structure, after: Module | Structure): StructureComparison {
  const now = after instanceof Structure ? after : structure(after);
  const known = new Map(before.parts.map((part) => [part.module, part]));
  const there = new Set(now.parts.map(({ module }) => module));
  const gone = new Map(before.parts.filter(({ module }) => !there.has(module)).map((part) => [part.path, part]));
  const rows = now.parts.map((part): StructureRow => {
    const old = known.get(part.module);
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

function cells({ change, before, after }: StructureRow): Cell[] {
  const part = after ?? before!;
  const was = before && after && before.text !== after.text ? `${before.text} → ` : "";
  const renamed = before && after && before.path !== after.path ? `, was ${before.path}` : "";
  return [
    part.path,
    { text: change + renamed, tone: tones[change] },
    was + part.text,
    part.parameters || null,
    { text: after ? part.origin : "", tone: part.origin === "pretrained" ? "neutral" : "accent" },
    after && part.frozen ? { text: "frozen", tone: "muted" } : null,
  ];
}

function groupsOf(rows: readonly StructureRow[]): TableGroup[] {
  const groups: { label: string; rows: StructureRow[] }[] = [];
  for (const row of rows) {
    const label = (row.after ?? row.before!).path.split(".")[0];
    const last = groups.at(-1);
    if (last?.label === label) last.rows.push(row);
    else groups.push({ label, rows: [row] });
  }
  return groups.map(({ label, rows }) => {
    const changed = rows.filter(({ change }) => change !== "").length;
    const parameters = rows.reduce((total, { after }) => total + (after?.parameters ?? 0), 0);
    const detail = `${formatNumber(parameters, "integer")} parameters${changed ? `, ${changed} changed` : ""}`;
    return { label, rows: rows.length, detail, open: changed > 0 };
  });
}
