import type { PythonValue } from "./python_values.ts";

/** Names that are not the same but for their case: ours by torch's. */
const ours: Readonly<Record<string, string>> = { use_res_connect: "hasShortcut" };
const theirs = Object.fromEntries(Object.entries(ours).map(([name, own]) => [own, name]));

/** `drop_rate` as `dropRate`; a name that begins with a capital, such as a submodule's `AuxLogits`, stays. */
export function camelCase(name: string): string {
  return ours[name] ?? (/^[a-z]/.test(name) ? name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase()) : name);
}

/** `dropRate` as `drop_rate`. */
export function snakeCase(name: string): string {
  return theirs[name] ?? (/^[a-z]/.test(name) ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name);
}

/** A plain value of Python's: None, True, numbers, texts, and lists, tuples and dicts by text of them. */
export function isPlain(value: unknown, depth = 0): boolean {
  if (depth > 8) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth + 1));
  if (value instanceof Map) {
    return [...value].every(([name, item]) => typeof name === "string" && isPlain(item, depth + 1));
  }
  return value === null || ["boolean", "number", "string"].includes(typeof value);
}

/** The same as a JavaScript value of its own. */
export function fromPython(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromPython);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, item]) => [name, fromPython(item)]));
  return value;
}

/** A plain JavaScript value as Python's; undefined where it is none. */
export function toPython(value: unknown, depth = 0): PythonValue | undefined {
  if (value === null || ["boolean", "number", "string"].includes(typeof value)) return value as PythonValue;
  if (typeof value !== "object" || depth > 8) return undefined;
  const isArray = Array.isArray(value);
  if (!isArray && Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  const items = Object.entries(value as object).map(([name, item]) => [name, toPython(item, depth + 1)] as const);
  if (items.some(([, item]) => item === undefined)) return undefined;
  return isArray ? items.map(([, item]) => item!) : Object.fromEntries(items) as PythonValue;
}
