import { describe, keyText, TensorView } from "./python.ts";
import { quoted } from "./quoted.ts";

/** A pickled dict. */
export type Dict = Map<unknown, unknown>;
interface Found {
  dict: Dict;
  path: string;
}

/**
 * The dict that holds tensors at the least depth, a dict of tensors within dicts, and its dotted place.
 *
 * @throws {TypeError} where there is none, or there are several at that depth
 */
export function findDict(value: unknown): Found {
  if (!(value instanceof Map)) {
    throw new TypeError(`expected a dict of tensors, found ${describe(value)}; save model.state_dict() in Python`);
  }
  const wraps = wrapperFinder();
  const seen = new Set<Dict>([value]); // a dict may be in a thousand others, those in a thousand again, and so on
  let level: Found[] = [{ dict: value, path: "" }];
  for (let depth = 0; depth < 4; depth++) {
    const holders = level.filter(({ dict }) => tensorsIn(dict) > 0 && !wraps(dict));
    if (holders.length === 1) return holders[0];
    if (holders.length > 1) throw ambiguous(holders);
    level = level.flatMap(({ dict, path }) => dictsIn(dict, path)).filter(({ dict }) =>
      !seen.has(dict) && seen.add(dict)
    );
  }
  // A model without parameters has an empty state dict, and that is no error.
  if (value.size === 0) return { dict: value, path: "" };
  throw new TypeError(`expected a dict of tensors, found none; its keys are ${listed([...value.keys()].map(keyText))}`);
}

/** What training scripts call a state dict that they wrap: `state_dict`, `model_state_dict`, `model`, `model_ema`, `net`, … */
const wrappedName = /state_dict|^(model|net|network|module|weights|params|ema)(_|$)/;

/**
 * Makes a function that says whether a dict is no state dict itself, whatever tensors it has, but has one that is called so. It
 * looks at a dict once for each depth at which it comes.
 */
function wrapperFinder(): (dict: Dict) => boolean {
  const known = [0, 1, 2, 3].map(() => new Map<Dict, boolean>());
  const holdsTensors = remembering((dict: Dict) => tensorsIn(dict) > 0);
  const wraps = (dict: Dict, depth: number): boolean => {
    if (depth === known.length) return false;
    let found = known[depth].get(dict);
    if (found === undefined) {
      found = [...dict].some(([name, value]) =>
        value instanceof Map && wrappedName.test(keyText(name)) && (holdsTensors(value) || wraps(value, depth + 1))
      );
      known[depth].set(dict, found);
    }
    return found;
  };
  return (dict) => wraps(dict, 0);
}

function remembering<T, R>(work: (value: T) => R): (value: T) => R {
  const known = new Map<T, R>();
  return (value) => {
    if (!known.has(value)) known.set(value, work(value));
    return known.get(value)!;
  };
}

/**
 * The dict at a dotted place.
 *
 * @throws {TypeError} where there is none
 */
export function dictAt(value: unknown, key: string): Dict {
  let found = value;
  for (let rest = key; rest !== "";) {
    const [name, next] = nextName(found, rest);
    if (name === undefined) {
      const what = found instanceof Map ? `its keys are ${listed([...found.keys()].map(keyText))}` : describe(found);
      throw new TypeError(`expected a dict at "${key}", found no ${quoted(rest)}: ${what}`);
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
  const found = holders.map(({ dict, path }) => `${quoted(path)} (${tensorsIn(dict)} tensors)`);
  return new TypeError(
    `expected one dict of tensors, found ${found.length}: ${listed(found, false)}; ` +
      `choose one: load(path, { key: ${quoted(holders[0].path)} })`,
  );
}

function listed(names: readonly string[], quote = true): string {
  const shown = names.slice(0, 12).map((name) => quote ? quoted(name) : name);
  return shown.join(", ") + (names.length > 12 ? `, … (${names.length} in all)` : "");
}
