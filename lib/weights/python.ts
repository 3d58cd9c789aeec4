import { quoted } from "./quoted.ts";

/**
 * What a pickle can stand for here. Python's None, bool, float, str, bytes, list, dict and set are null, boolean, number,
 * string, Uint8Array, array, Map and Set; an int is a number, or a bigint beyond 2⁵³; a tuple is a frozen array.
 * The rest are the values below.
 */

/** A name of Python's that a pickle may use: `call` is what stands in for calling it, `type` what it names. */
export class Global {
  constructor(
    /** The full name, `torch._utils._rebuild_tensor_v2`. */
    readonly name: string,
    readonly call?: (args: readonly unknown[]) => unknown,
    readonly type?: ElementType,
    /** Whether it is a class whose objects may be in a file, as data: {@linkcode PythonObject}. */
    readonly isClass = false,
  ) {}
}

/** An object of a Python class, as data: its class's full name and its attributes. Nothing of its class is run. */
export class PythonObject {
  /** Its attributes by name, or what else the file gives as its state. */
  state: unknown = undefined;

  constructor(readonly type: string) {}
}

/**
 * The attributes of a dict, where a file gives it some: torch's state dicts have one, `_metadata`, with the version of each module's
 * entries.
 */
export const dictAttributes: WeakMap<Map<unknown, unknown>, unknown> = new WeakMap();

/** An element type by torch's name, whether thaw has it or not, and its size. */
export interface ElementType {
  readonly dtype: string;
  readonly bytes: number;
}

/** A run of numbers in the file, known by its key; tensors are views of it. */
export interface Storage {
  readonly key: string;
  readonly type: ElementType;
  /** Its length in elements. */
  readonly elements: number;
  /** Where it begins within its root, in elements: only old files have views of storages. */
  readonly start: number;
}

/** A tensor as a pickle describes it: a view of a storage. Offset and strides are in elements. */
export class TensorView {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly size: readonly number[],
    readonly stride: readonly number[],
    readonly type: ElementType,
  ) {}
}

/** A tensor that a module trains, unless it was frozen when it was saved. */
export class ParameterView extends TensorView {
  constructor({ storage, offset, size, stride, type }: TensorView, readonly requiresGrad: boolean) {
    super(storage, offset, size, stride, type);
  }
}

/** A handle of a storage as it lies on the unpickler's stack. */
export class StorageHandle {
  constructor(readonly storage: Storage) {}
}

/** Whether a value is a tuple: a frozen array. */
export function isTuple(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && Object.isFrozen(value);
}

/** What kind of Python value this is, for error messages. */
export function describe(value: unknown): string {
  if (value === null) return "None";
  if (value === undefined) return "nothing";
  if (isTuple(value)) return `a tuple of ${value.length}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (value instanceof Set) return `a set of ${value.size}`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof TensorView) return `a tensor [${value.size.join(", ")}]`;
  if (value instanceof StorageHandle) return `a storage of ${value.storage.elements} elements`;
  if (value instanceof Global) return /^[\w.]{1,200}$/.test(value.name) ? value.name : quoted(value.name);
  if (value instanceof PythonObject) return `an object of the Python class ${quoted(value.type)}`;
  if (typeof value === "string") return quoted(value);
  if (Number.isNaN(value)) return "nan";
  return typeof value === "object" ? "an object" : String(value);
}

const nameLimit = 1 << 16;

/**
 * A dict's key as text. Only plain keys are written out: a nested tuple could be far longer than the file.
 *
 * @throws {RangeError} where it is longer than any name: names are joined with dots, and a text has a greatest length
 */
export function keyText(key: unknown): string {
  if (typeof key === "string") {
    if (key.length <= nameLimit) return key;
    throw new RangeError(`expected names of up to ${nameLimit} characters, found one of ${key.length}`);
  }
  return typeof key === "number" || typeof key === "bigint" ? String(key) : describe(key);
}
