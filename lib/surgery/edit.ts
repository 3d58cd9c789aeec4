import type { Module } from "../nn/mod.ts";
import { type Change, Changes } from "./changes.ts";
import { checkShapes, type ShapeCheck } from "./check_shapes.ts";
import { watchKeys } from "./key_changes.ts";

/** Options of the operations on a network's structure. */
export type EditOptions = ShapeCheck;

/**
 * Changes a network's structure, and sees whether it still runs: where it does not, everything is put back.
 *
 * @param action what is done, for errors: `replace "fc"`
 * @param operate makes the change and says what it was, and how it is undone
 * @throws {TypeError} where layers do not fit together any more, naming both and their shapes
 */
export function edit(
  action: string,
  title: string,
  model: Module,
  options: EditOptions,
  operate: () => { changes: Change[]; undo: () => void },
): Changes {
  const verify = checkShapes(action, model, options);
  const { result, keys } = watchKeys(model, operate);
  try {
    verify();
  } catch (error) {
    result.undo();
    throw error;
  }
  return new Changes(`${title} ${model.constructor.name}`, result.changes, [], keys);
}

/** A module's parent and its name there. */
export function placeOf(model: Module, path: string): { parent: Module; name: string } {
  const dot = path.lastIndexOf(".");
  model.get(path); // which names what is wrong with the path
  return { parent: model.get(path.slice(0, Math.max(0, dot))), name: path.slice(dot + 1) };
}
