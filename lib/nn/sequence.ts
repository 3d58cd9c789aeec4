import { describeValue } from "../weights/describe_value.ts";
import type { Module } from "./module.ts";

/**
 * The submodules of a Sequential or ModuleList with one exchanged, taken out or put in. Numbered ones are numbered anew, as in
 * torch; names stay.
 *
 * @module
 */

/** Where a submodule is, by its name or its place, from the end where it is negative. */
export type Place = number | string;

/**
 * The place of a submodule.
 *
 * @throws {RangeError} where there is none
 */
export function indexOf(container: Module, action: string, place: Place): number {
  const children = container.namedChildren();
  const index = typeof place === "number" ? place < 0 ? children.length + place : place : -1;
  const found = typeof place === "number" ? index : children.findIndex(([name]) => name === place);
  if (children[found]) return found;
  const known = children.length ? children.map(([name]) => name).join(", ") : "no submodules";
  throw new RangeError(`Cannot ${action} ${JSON.stringify(place)}: expected one of ${known}`);
}

/** Takes out the submodule at `index`. */
export function takeOut(container: Module, index: number): Module {
  const children = container.namedChildren();
  rebuild(container, children.toSpliced(index, 1));
  return children[index][1];
}

/** Gives a container exactly these submodules again, under these names and in this order. */
export function restore(container: Module, children: readonly (readonly [string, Module])[]): void {
  const members = container as unknown as Record<string, Module>;
  for (const [name] of container.namedChildren()) delete members[name];
  for (const [name, module] of children) members[name] = module;
}

/**
 * Puts a module in at `index`, under `name` where the others have names.
 *
 * @throws {TypeError} where a name is missing, {RangeError} where it cannot be
 */
export function putIn(container: Module, index: number, module: Module, name?: string): void {
  const children = container.namedChildren();
  const type = container.constructor.name;
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(`Cannot insert into ${type}: expected a name as text, found ${describeValue(name)}`);
  }
  if (isNumbered(children) && !(children.length === 0 && name !== undefined)) {
    if (name !== undefined) {
      throw new TypeError(`Cannot insert "${name}": ${type}'s submodules have numbers, not names`);
    }
    return rebuild(container, children.toSpliced(index, 0, ["", module]));
  }
  if (name === undefined) {
    const known = children.map(([child]) => child).join(", ");
    throw new TypeError(`Cannot insert into ${type}: its submodules have names (${known}); give one: { name: "…" }`);
  }
  if (name in container || name === "" || name.includes(".")) {
    throw new RangeError(`Cannot insert "${name}" into ${type}: expected a new name without dots`);
  }
  rebuild(container, children.toSpliced(index, 0, [name, module]));
}

function isNumbered(children: readonly [string, Module][]): boolean {
  return children.every(([name], i) => name === String(i));
}

/** Numbers them anew where they were numbered but for the gap or the newcomer; the order of properties is the order of modules. */
function rebuild(container: Module, children: readonly (readonly [string, Module])[]): void {
  const numbered = children.every(([name]) => /^\d*$/.test(name));
  restore(container, children.map(([name, module], i) => [numbered ? String(i) : name, module]));
}
