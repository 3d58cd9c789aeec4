import { describeValue } from "../weights/describe_value.ts";
import type { Module } from "./module.ts";

/**
 * Every path in a network that one of the names means. In a name `*` stands for any one part of a path, `**` for any path.
 *
 * @param action what cannot be done otherwise: "freeze", "set dropout at"
 * @param names one or several
 * @param kinds whether single parameters have names too
 * @throws {RangeError} where a name is not one of the network's, {TypeError} where it is none at all
 */
export function selectPaths(
  action: string,
  model: Module,
  names: string | readonly string[],
  kinds: "modules" | "modules and parameters" = "modules",
): Set<string> {
  const modules = model.namedModules().map(([path]) => path).filter((path) => path !== "");
  const parameters = kinds === "modules" ? [] : model.namedParameters().map(([path]) => path);
  const paths = [...modules, ...parameters];
  const found = new Set<string>();
  for (const name of listed(action, names)) {
    const expression = new RegExp(
      `^${name.split(".").map((part) => part === "**" ? ".*" : escape(part)).join("\\.")}$`,
    );
    const matches = paths.filter((path) => expression.test(path));
    if (matches.length === 0) {
      const kind = kinds === "modules" ? "module" : "module or parameter";
      const known = model.namedChildren().map(([child]) => child).join(", ");
      throw new RangeError(`Cannot ${action} "${name}": expected a ${kind} such as ${known}, found none of that name`);
    }
    matches.forEach((path) => found.add(path));
  }
  return found;
}

/** One name or several as a list: notebooks check no types. */
export function listed(action: string, names: string | readonly string[]): readonly string[] {
  const list = typeof names === "string" ? [names] : names;
  const other: unknown = Array.isArray(list) ? list.find((name) => typeof name !== "string") : names;
  if (Array.isArray(list) && other === undefined) return list;
  throw new TypeError(`Cannot ${action} ${describeValue(other)}: expected a name or a list of names`);
}

/** Whether a path is that of a module or parameter, or of something below it. */
export function isWithin(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}.`);
}

/** Whether a path is one of those that were selected, or below one. */
export function isSelected(path: string, names: ReadonlySet<string>): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf(".", end - 1)) {
    if (names.has(path.slice(0, end))) return true;
  }
  return false;
}

function escape(part: string): string {
  return part.replace(/[\\^$+?()[\]{}|]/g, "\\$&").replaceAll("*", "[^.]*");
}
