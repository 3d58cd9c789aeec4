import { describe, dictAttributes, Global, keyText, PythonObject, StorageHandle, TensorView } from "./python.ts";
import { type Dict, dictAt, findDict } from "./find_dict.ts";
import { isModule, statesOf } from "./saved_module.ts";
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
  return StateDict.from(entries, Object.fromEntries(leaves), versionsOf(dict));
}

/** The versions that torch keeps in a state dict's `_metadata`: of the entries of each module, by its name. */
function versionsOf(dict: Dict): ReadonlyMap<string, number> | undefined {
  const attributes = dictAttributes.get(dict);
  const metadata = attributes instanceof Map ? attributes.get("_metadata") : undefined;
  if (!(metadata instanceof Map)) return undefined;
  const versions = [...metadata].map((
    [path, local],
  ) => [path, local instanceof Map ? local.get("version") : undefined]);
  const known = versions.filter((pair): pair is [string, number] =>
    typeof pair[0] === "string" && Number.isSafeInteger(pair[1])
  );
  return new Map(known);
}

/** Networks that were saved whole, alone or in a dict, as the dicts of their states. */
function withStates(value: unknown): unknown {
  if (isModule(value)) return statesOf([value]).get(value);
  if (!(value instanceof Map) || ![...value.values()].some(isModule)) return value;
  const states = statesOf([...value.values()].filter(isModule));
  return new Map([...value].map(([name, inner]) => [name, states.get(inner) ?? inner]));
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
