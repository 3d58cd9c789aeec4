import { describe, Global, keyText, PythonObject, StorageHandle, TensorView } from "./python.ts";
import { isModule, savedModule, stateOf } from "./saved_module.ts";
import { type Entry, StateDict } from "./state_dict.ts";
import type { TorchFile } from "./storage.ts";
import { isReadable, tensorEntry } from "./tensor_entry.ts";

const depthLimit = 64;

/**
 * The state dict within a torch file's value.
 *
 * Training scripts wrap it, `{"state_dict": …, "epoch": 90}`: where exactly one dict holds tensors at the least depth,
 * that one is taken, and `metadata.unwrapped` says which. Everything beside it goes to `metadata`; so do tensors beside a dict
 * that is called as wrapped state dicts are, `{"state_dict": …, "loss": tensor(0.3)}`. A network that was saved whole counts as the
 * dict of its state.
 *
 * @param key the dotted place of the state dict, where there are several
 * @throws {TypeError} where there is none, or several and no key
 */
export function stateDictOf(file: TorchFile, key?: string): StateDict {
  const whole = withStates(file.value);
  const { dict, path } = key === undefined ? findDict(whole) : { dict: dictAt(whole, key), path: key };
  const entryOf = entryMaker(file);
  const plain = plainMaker(entryOf, dict);
  const entries: [string, Entry][] = [];
  const leaves: [string, unknown][] = path ? [["unwrapped", path]] : [];
  if (path) {
    for (const [name, value] of whole as Dict) if (value !== dict) leaves.push([keyText(name), plain(value)]);
  }
  for (const [key, value] of dict) {
    const name = keyText(key);
    if (value instanceof TensorView) entries.push([name, entryOf(name, value)]);
    else leaves.push([name, plain(value)]);
  }
  return StateDict.from(entries, Object.fromEntries(leaves));
}

/** Networks that were saved whole, alone or in a dict, as the dicts of their states. */
function withStates(value: unknown): unknown {
  if (isModule(value)) return stateOf(savedModule(value));
  if (!(value instanceof Map) || ![...value.values()].some(isModule)) return value;
  return new Map([...value].map(([name, inner]) => [name, isModule(inner) ? stateOf(savedModule(inner)) : inner]));
}

type Dict = Map<unknown, unknown>;
interface Found {
  dict: Dict;
  path: string;
}

function findDict(value: unknown): Found {
  if (!(value instanceof Map)) {
    throw new TypeError(`expected a dict of tensors, found ${describe(value)}; save model.state_dict() in Python`);
  }
  let level: Found[] = [{ dict: value, path: "" }];
  for (let depth = 0; depth < 4; depth++) {
    const holders = level.filter(({ dict }) => tensorsIn(dict) > 0 && !wraps(dict));
    if (holders.length === 1) return holders[0];
    if (holders.length > 1) throw ambiguous(holders);
    level = level.flatMap(({ dict, path }) => dictsIn(dict, path));
  }
  // A model without parameters has an empty state dict, and that is no error.
  if (value.size === 0) return { dict: value, path: "" };
  throw new TypeError(`expected a dict of tensors, found none; its keys are ${listed([...value.keys()].map(keyText))}`);
}

/** What training scripts call a state dict that they wrap: `state_dict`, `model_state_dict`, `model`, `model_ema`, `net`, … */
const wrappedName = /state_dict|^(model|net|network|module|weights|params|ema)(_|$)/;

/** Whether the dict is no state dict itself, whatever tensors it has, but has one that is called so. */
function wraps(dict: Dict, depth = 0): boolean {
  return depth < 4 &&
    [...dict].some(([name, value]) =>
      value instanceof Map && wrappedName.test(keyText(name)) && (tensorsIn(value) > 0 || wraps(value, depth + 1))
    );
}

function dictAt(value: unknown, key: string): Dict {
  let found = value;
  for (let rest = key; rest !== "";) {
    const [name, next] = nextName(found, rest);
    if (name === undefined) {
      const what = found instanceof Map ? `its keys are ${listed([...found.keys()].map(keyText))}` : describe(found);
      throw new TypeError(`expected a dict at "${key}", found no "${rest}": ${what}`);
    }
    found = (found as Dict).get(name);
    rest = next;
  }
  if (found instanceof Map) return found;
  throw new TypeError(`expected a dict at "${key}", found ${describe(found)}`);
}

/** The longest key of `dict` that a dotted path begins with (keys may have dots themselves), and the rest of the path. */
function nextName(dict: unknown, path: string): [string | undefined, string] {
  for (let name = path; dict instanceof Map && name; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
    if (dict.has(name)) return [name, path.slice(name.length + 1)];
  }
  return [undefined, ""];
}

function tensorsIn(dict: Dict): number {
  let count = 0;
  for (const value of dict.values()) if (value instanceof TensorView) count++;
  return count;
}

function dictsIn(dict: Dict, path: string): Found[] {
  return [...dict].flatMap(([name, value]) =>
    value instanceof Map ? [{ dict: value, path: path ? `${path}.${keyText(name)}` : keyText(name) }] : []
  );
}

function ambiguous(holders: readonly Found[]): TypeError {
  const found = holders.map(({ dict, path }) => `"${path}" (${tensorsIn(dict)} tensors)`);
  return new TypeError(
    `expected one dict of tensors, found ${found.length}: ${listed(found, false)}; ` +
      `choose one: load(path, { key: "${holders[0].path}" })`,
  );
}

function listed(names: readonly string[], quote = true): string {
  const shown = names.slice(0, 12).map((name) => quote ? `"${name}"` : name);
  return shown.join(", ") + (names.length > 12 ? `, … (${names.length} in all)` : "");
}

/** Tensors that are the same view of the same storage become the same entry: tied weights stay tied. */
function entryMaker(file: TorchFile): (name: string, view: TensorView) => Entry {
  const made = new Map<string, Entry>();
  return (name, view) => {
    const { storage, offset, size, stride, type } = view;
    const place = [storage.key, storage.start + offset, size, stride, type.dtype].join("/");
    let entry = made.get(place);
    if (!entry) made.set(place, entry = tensorEntry(name, view, file.storages.get(storage.key)!, file.bigEndian));
    return entry;
  };
}

/**
 * Makes plain JavaScript of pickled values: dicts become objects, tuples arrays, tensors entries, names their text.
 * `except` is left out: it is the state dict itself.
 */
function plainMaker(
  entryOf: (name: string, view: TensorView) => Entry,
  except: Dict,
): (value: unknown) => unknown {
  const made = new Map<unknown, unknown>(); // what is shared stays shared, so that it cannot multiply
  const plain = (value: unknown, path: string, depth: number): unknown => {
    if (value instanceof TensorView) return isReadable(value) ? entryOf(path, value) : describe(value);
    if (value instanceof Global) return value.name;
    if (value instanceof StorageHandle || value instanceof PythonObject) return describe(value);
    if (!(value instanceof Map || value instanceof Set || Array.isArray(value))) return value;
    if (made.has(value)) {
      const known = made.get(value);
      if (known === unfinished) throw new TypeError("a value of its metadata contains itself");
      return known;
    }
    if (depth === depthLimit) throw new RangeError(`its metadata nests deeper than ${depthLimit}`);
    made.set(value, unfinished);
    const inner = (item: unknown, name: string) => plain(item, path ? `${path}.${name}` : name, depth + 1);
    let result: unknown;
    if (value instanceof Map) {
      const kept = [...value].filter(([, item]) => item !== except);
      result = Object.fromEntries(kept.map(([key, item]) => [keyText(key), inner(item, keyText(key))]));
    } else if (value instanceof Set) result = new Set([...value].map((item) => inner(item, "in a set")));
    else result = value.map((item, i) => inner(item, String(i)));
    made.set(value, result);
    return result;
  };
  return (value) => plain(value, "", 0);
}

const unfinished = Symbol();
