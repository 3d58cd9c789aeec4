import type { Module, Stored } from "../nn/mod.ts";

/** What became of the names in a network's state dict. */
export interface KeyChanges {
  /** New name by old name, of values that are there still. */
  renamed: ReadonlyMap<string, string>;
  /** Names of values that were not there. */
  added: readonly string[];
  /** Names of values that are there no more. */
  removed: readonly string[];
}

/** Runs `operate` on a network and gives what it did to the names of its state. */
export function watchKeys<T>(model: Module, operate: () => T): { result: T; keys: KeyChanges } {
  const before = names(model);
  const result = operate();
  const after = names(model);
  const kept = [...before].filter(([stored]) => after.has(stored));
  const renamed = kept.map(([stored, name]) => [name, after.get(stored)!] as const).filter(([old, now]) => old !== now);
  return {
    result,
    keys: {
      renamed: new Map(renamed),
      added: [...after].filter(([stored]) => !before.has(stored)).map(([, name]) => name),
      removed: [...before].filter(([stored]) => !after.has(stored)).map(([, name]) => name),
    },
  };
}

/** The first name of each of a network's values. */
function names(model: Module): Map<Stored, string> {
  const found = new Map<Stored, string>();
  for (const [name, stored] of model.namedState()) if (!found.has(stored)) found.set(stored, name);
  return found;
}
