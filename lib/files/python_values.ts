import type { PickleWriter } from "../weights/pickle_writer.ts";

/** A Python tuple; plain arrays are lists. */
export class Tuple {
  constructor(readonly items: readonly PythonValue[]) {}
}

/** A Python float; plain numbers are ints where they are whole. */
export class Float {
  constructor(readonly value: number) {}
}

/** A name of Python's: a class, a function. */
export class Name {
  constructor(readonly module: string, readonly name: string) {}
}

/** A plain value as a network has it among its attributes. */
export type PythonValue =
  | null
  | boolean
  | number
  | string
  | Tuple
  | Float
  | Name
  | readonly PythonValue[]
  | { readonly [name: string]: PythonValue };

/** A tuple of numbers or texts. */
export function tuple(items: readonly PythonValue[]): Tuple {
  return new Tuple(items);
}

/** One number as it is, several as a tuple: torch's sizes. */
export function size(value: number | null | readonly (number | null)[]): PythonValue {
  return value === null || typeof value === "number" ? value : tuple(value);
}

/** Writes a value as Python's pickler does. */
export function writeValue(pickle: PickleWriter, value: PythonValue): void {
  if (value === null) pickle.code("NONE");
  else if (typeof value === "boolean") pickle.code(value ? "NEWTRUE" : "NEWFALSE");
  else if (typeof value === "number") Number.isSafeInteger(value) ? pickle.int(value) : pickle.float(value);
  else if (typeof value === "string") pickle.text(value);
  else if (value instanceof Float) pickle.float(value.value);
  else if (value instanceof Name) pickle.global(value.module, value.name);
  else if (value instanceof Tuple) writeItems(pickle, value.items, "TUPLE");
  else if (Array.isArray(value)) writeList(pickle, value);
  else writeDict(pickle, Object.entries(value), (item) => writeValue(pickle, item));
}

/** Writes a dict whose values are written by `write`. */
export function writeDict<T>(
  pickle: PickleWriter,
  entries: Iterable<readonly [string, T]>,
  write: (value: T) => void,
): void {
  pickle.code("EMPTY_DICT");
  pickle.memoize();
  const pairs = [...entries];
  if (pairs.length === 0) return;
  pickle.code("MARK");
  for (const [name, value] of pairs) {
    pickle.text(name, true);
    write(value);
  }
  pickle.code("SETITEMS");
}

function writeItems(pickle: PickleWriter, items: readonly PythonValue[], end: "TUPLE"): void {
  if (items.length === 0) return pickle.code("EMPTY_TUPLE");
  pickle.code("MARK");
  for (const item of items) writeValue(pickle, item);
  pickle.code(end);
}

function writeList(pickle: PickleWriter, items: readonly PythonValue[]): void {
  pickle.code("EMPTY_LIST");
  pickle.memoize();
  if (items.length === 0) return;
  pickle.code("MARK");
  for (const item of items) writeValue(pickle, item);
  pickle.code("APPENDS");
}
