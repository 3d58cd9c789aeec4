import { describe, keyText, PythonObject, TensorView } from "./python.ts";
import { quoted } from "./quoted.ts";

/** A torch.nn.Module as a file has it: its class's name, and what it holds by name. */
export interface SavedModule {
  /** The full name of its Python class, `torch.nn.modules.conv.Conv2d`. */
  type: string;
  /** What is neither tensor nor module, and not torch's own bookkeeping. */
  attributes: ReadonlyMap<string, unknown>;
  /** Its own parameters; null where it could have one and has none. */
  parameters: ReadonlyMap<string, TensorView | null>;
  /** Its own buffers that state dicts have. */
  buffers: ReadonlyMap<string, TensorView | null>;
  modules: ReadonlyMap<string, SavedModule | null>;
}

/** What torch keeps in a module for itself. */
const bookkeeping = /^_(parameters|modules|buffers|non_persistent_buffers_set|is_full_backward_hook|\w+_hooks\w*)$/;

const depthLimit = 100;
const moduleLimit = 100_000;
const entryLimit = 1 << 22; // attributes, parameters, buffers and modules, of all modules
const characterLimit = 1 << 26; // of all names: a network of 100,000 tensors has some ten million

/** What has been read of a file's modules. They may share parts: each be in a thousand others, those in a thousand again. */
export class Visits {
  readonly made: Map<PythonObject, SavedModule> = new Map();
  #entries = 0;
  #modules = 0;
  #characters = 0;

  /** Counts what one module holds. */
  entries(...dicts: readonly { size: number }[]): void {
    for (const { size } of dicts) this.#entries += size;
    if (this.#entries > entryLimit) throw new RangeError(`its modules hold more than ${entryLimit} values`);
  }

  /** Counts a module, once for each place where it is. */
  module(): void {
    if (++this.#modules > moduleLimit) throw new RangeError(`it has more than ${moduleLimit} modules`);
  }

  /** Counts a tensor, once for each place where it is. */
  tensor(name: string): void {
    this.#characters += name.length + 1;
    if (this.#characters > characterLimit) {
      throw new RangeError(`the names of its tensors are longer than ${characterLimit} characters in all`);
    }
  }
}

/** Whether a value is an object with what torch.nn.Module keeps. */
export function isModule(value: unknown): value is PythonObject {
  return value instanceof PythonObject && value.state instanceof Map && value.state.get("_modules") instanceof Map;
}

/**
 * A module and all below it. One that is in two places is the same value in both.
 *
 * @param visits what has been read of the same file already
 * @throws {TypeError} where something in it is none of what a module has, or it contains itself
 */
export function savedModule(object: PythonObject, visits: Visits = new Visits()): SavedModule {
  const { made } = visits;
  const unfinished = new Set<PythonObject>();
  const read = (value: unknown, path: string, depth: number): SavedModule => {
    const where = () => path ? quoted(path) : "the network"; // asked for in errors alone: paths can be long
    if (!isModule(value)) throw new TypeError(`expected ${where()} to be a module, found ${describe(value)}`);
    const known = made.get(value);
    if (known) return known;
    if (unfinished.has(value)) throw new TypeError(`${where()} contains itself`);
    if (depth > depthLimit) throw new RangeError(`its modules nest deeper than ${depthLimit}`);
    if (made.size > moduleLimit) throw new RangeError(`it has more than ${moduleLimit} modules`);
    unfinished.add(value);
    const state = value.state as Map<unknown, unknown>;
    const [parameters, buffers, modules] = ["_parameters", "_buffers", "_modules"].map((name) =>
      dict(state.get(name), where)
    );
    visits.entries(state, parameters, buffers, modules);
    const transient = state.get("_non_persistent_buffers_set");
    const kept = tensors(buffers, where).filter(([name]) => !(transient instanceof Set && transient.has(name)));
    const children = [...modules].map(([key, child]) => {
      const name = keyText(key);
      return [name, child === null ? null : read(child, path ? `${path}.${name}` : name, depth + 1)] as const;
    });
    const attributes = [...state].filter(([name]) => typeof name === "string" && !bookkeeping.test(name));
    const module: SavedModule = {
      type: value.type,
      attributes: new Map(attributes as [string, unknown][]),
      parameters: new Map(tensors(parameters, where)),
      buffers: new Map(kept),
      modules: new Map(children),
    };
    unfinished.delete(value);
    made.set(value, module);
    return module;
  };
  return read(object, "", 0);
}

/** The states of networks, each of which may be there more than once. */
export function statesOf(objects: Iterable<PythonObject>): Map<PythonObject, Map<string, TensorView>> {
  const visits = new Visits();
  const states = new Map<PythonObject, Map<string, TensorView>>();
  for (const object of objects) {
    if (!states.has(object)) states.set(object, stateOf(savedModule(object, visits), visits));
  }
  return states;
}

/**
 * The tensors of a module's state dict, in torch's order: its own, parameters before buffers, then those of its parts.
 *
 * @throws {RangeError} where modules that are in many places make more of them than any network has
 */
export function stateOf(module: SavedModule, visits: Visits = new Visits()): Map<string, TensorView> {
  const state = new Map<string, TensorView>();
  const visit = ({ parameters, buffers, modules }: SavedModule, prefix: string): void => {
    visits.module();
    for (const [name, tensor] of [...parameters, ...buffers]) if (tensor) put(prefix + name, tensor);
    for (const [name, child] of modules) if (child) visit(child, `${prefix}${name}.`);
  };
  const put = (name: string, tensor: TensorView) => {
    visits.tensor(name);
    state.set(name, tensor);
  };
  visit(module, "");
  return state;
}

function tensors(dict: ReadonlyMap<unknown, unknown>, where: () => string): [string, TensorView | null][] {
  return [...dict].map(([name, tensor]) => {
    if (tensor === null || tensor instanceof TensorView) return [keyText(name), tensor];
    throw new TypeError(`expected tensors in ${where()}, found ${describe(tensor)} as ${describe(name)}`);
  });
}

function dict(value: unknown, where: () => string): Map<unknown, unknown> {
  if (value === undefined) return new Map();
  if (value instanceof Map) return value;
  throw new TypeError(`expected a dict in ${where()}, found ${describe(value)}`);
}
