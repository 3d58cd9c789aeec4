import { Displayable, type Spec } from "../display/mod.ts";
import type { KeyChanges } from "./key_changes.ts";

/** A module that is another now. */
export interface Change {
  /** Its dotted name before. */
  path: string;
  /** What it was, in a few words. */
  before: string;
  /** What it is. */
  after: string;
}

/** A module that was meant and stays as it was. */
export interface Untouched {
  /** Its dotted name. */
  path: string;
  /** What it is, in a few words. */
  module: string;
  /** Why it stays. */
  reason: string;
}

/** What an operation did to a network: its modules before and after, what stays and why, and the state dict's new names. */
export class Changes extends Displayable {
  constructor(
    /** What was done, and to which class of network. */
    readonly title: string,
    /** The modules that changed, by their names before. */
    readonly changes: readonly Change[],
    /** The modules that were meant and stay as they were. */
    readonly left: readonly Untouched[],
    /** The state dict's names that are new, gone or others now. */
    readonly keys: KeyChanges,
  ) {
    super();
  }

  /** The dotted names, before, of the modules that changed. */
  get paths(): string[] {
    return this.changes.map(({ path }) => path);
  }

  override spec(): Spec {
    const caption = this.#caption();
    if (this.changes.length + this.left.length === 0) return { kind: "text", text: `${this.title}: ${caption}` };
    return {
      kind: "table",
      title: this.title,
      columns: [{ label: "module" }, { label: "before" }, { label: "after" }],
      rows: [
        ...this.changes.map(({ path, before, after }) => [path, before, after]),
        ...this.left.map(({ path, module, reason }) => [
          path,
          module,
          { text: `stays: ${reason}`, title: reason, tone: "muted" as const },
        ]),
      ],
      caption,
    };
  }

  #caption(): string {
    const { renamed, added, removed } = this.keys;
    const changed = this.changes.length === 0
      ? "nothing changed"
      : `${this.changes.length} ${this.changes.length === 1 ? "module" : "modules"} changed`;
    const stays = this.left.length ? `${this.left.length} ${this.left.length === 1 ? "stays" : "stay"}` : "";
    const keys = [
      some("renamed", Array.from(renamed, ([old, now]) => `${old} → ${now}`)),
      some("new", added),
      some("gone", removed),
    ].filter((part) => part !== "").join(", ");
    return [changed, stays, keys && `state dict keys: ${keys}`].filter((part) => part !== "").join("; ");
  }
}

/** How many names there are, and the first of them. */
function some(what: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, 2).join(", ");
  return `${names.length} ${what} (${shown}${names.length > 2 ? ", …" : ""})`;
}
