import { describeValue } from "./describe_value.ts";

/**
 * How names are changed: a function; old names with new ones, as an object or a Map (such as surgery's `keys.renamed`); an
 * expression with what takes its place, as in `replace`; a prefix to take off or to put on.
 */
export type Renaming =
  | ((name: string) => string)
  | Readonly<Record<string, string>>
  | ReadonlyMap<string, string>
  | readonly [expression: RegExp, replacement: string]
  | { readonly strip: string }
  | { readonly add: string };

/**
 * The function that a renaming stands for. One that would change nothing is a mistake, and is told.
 *
 * @param names those that it is meant for
 * @throws {RangeError} where it concerns none of them, or names one that is not there, {TypeError} where it is no renaming
 */
export function renamingOf(how: Renaming, names: readonly string[]): (name: string) => string {
  if (typeof how === "function") {
    return (name) => {
      const renamed = how(name);
      if (typeof renamed === "string") return renamed;
      throw new TypeError(
        `Cannot rename "${name}": expected the function to give a text, found ${describeValue(renamed)}`,
      );
    };
  }
  const some = names.slice(0, 3).map((name) => JSON.stringify(name)).join(", ");
  const fail = (expected: string): never => {
    throw new RangeError(`Cannot rename: expected ${expected}, found ${some || "no names"}`);
  };
  if (isReplacement(how)) {
    const [expression, replacement] = how;
    if (!names.some((name) => name.search(expression) >= 0)) fail(`names that ${expression} matches`);
    return (name) => name.replace(expression, replacement);
  }
  if (typeof how !== "object" || how === null || Array.isArray(how)) throw noRenaming(how);
  if (isOnly(how, "strip")) {
    const { strip } = how;
    if (!names.some((name) => name.startsWith(strip))) fail(`names that begin with "${strip}"`);
    return (name) => name.startsWith(strip) ? name.slice(strip.length) : name;
  }
  if (isOnly(how, "add")) return (name) => how.add + name;
  const map = new Map<string, string>(how instanceof Map ? how : Object.entries(how));
  if (map.size === 0 && !(how instanceof Map)) throw noRenaming(how);
  if (map.size === 0) throw new RangeError("Cannot rename: expected names to change, found an empty Map");
  for (const [name, text] of map) {
    if (typeof text !== "string") throw noRenaming(how);
    if (!names.includes(name)) fail(`the name "${name}"`);
  }
  return (name) => map.get(name) ?? name;
}

function isReplacement(how: unknown): how is readonly [RegExp, string] {
  return Array.isArray(how) && how.length === 2 && how[0] instanceof RegExp && typeof how[1] === "string";
}

function isOnly<Key extends string>(how: object, key: Key): how is Record<Key, string> {
  const [found, ...others] = Object.entries(how);
  return found !== undefined && others.length === 0 && found[0] === key && typeof found[1] === "string";
}

function noRenaming(found: unknown): TypeError {
  return new TypeError(
    'Cannot rename: expected a function, { "old": "new" }, [/expression/, "replacement"], { strip: "prefix." } or ' +
      `{ add: "prefix." }, found ${describeValue(found)}`,
  );
}
