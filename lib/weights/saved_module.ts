import { describe, keyText, PythonObject, TensorView } from "./python.ts";

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

const depthLimit = 100;
const moduleLimit = 100_000;

/** Whether a value is an object with what torch.nn.Module keeps. */
export function isModule(value: unknown): value is PythonObject {
  return value instanceof PythonObject && value.state instanceof Map && value.state.get("_modules") instanceof Map;
}

/**
 * A module and all below it. One that is in two places is the same value in both.
 *
 * @throws {TypeError} where something in it is none of what a module has, or it contains itself
 */
export function savedModule(object: PythonObject): SavedModule {
  const made = new Map<PythonObject, SavedModule>();
  const unfinished = new Set<PythonObject>();
  const read = (value: unknown, path: string, depth: number): SavedModule => {
    const where = path ? `"${path}"` : "the network";
    if (!isModule(value)) throw new TypeError(`expected ${where} to be a module, found ${describe(value)}`);
    const known = made.get(value);
    if (known) return known;
    if (unfinished.has(value)) throw new TypeError(`${where} contains itself`);
    if (depth > depthLimit) throw new RangeError(`its modules nest deeper than ${depthLimit}`);
    if (made.size > moduleLimit) throw new RangeError(`it has more than ${moduleLimit} modules`);
    unfinished.add(value);
    const state = value.state as Map<unknown, unknown>;
    const transient = state.get("_non_persistent_buffers_set");
    const buffers = tensors(state.get("_buffers"), where).filter(([name]) =>
      !(transient instanceof Set && transient.has(name))
    );
    const children = [...dict(state.get("_modules"), where)].map(([key, child]) => {
      const name = keyText(key);
      return [name, child === null ? null : read(child, path ? `${path}.${name}` : name, depth + 1)] as const;
    });
    const attributes = [...state].filter(([name]) => typeof name === "string" && !name.startsWith("_"));
    const module: SavedModule = {
      type: value.type,
      attributes: new Map(attributes as [string, unknown][]),
      parameters: new Map(tensors(state.get("_parameters"), where)),
      buffers: new Map(buffers),
      modules: new Map(children),
    };
    unfinished.delete(value);
    made.set(value, module);
    return module;
  };
  return read(object, "", 0);
}

/** The tensors of a module's state dict, in torch's order: its own, parameters before buffers, then those of its parts. */
export function stateOf(module: SavedModule): Map<string, TensorView> {
  const state = new Map<string, TensorView>();
  const visit = ({ parameters, buffers, modules }: SavedModule, prefix: string): void => {
    for (const [name, tensor] of [...parameters, ...buffers]) if (tensor) put(prefix + name, tensor);
    for (const [name, child] of modules) if (child) visit(child, `${prefix}${name}.`);
  };
  const put = (name: string, tensor: TensorView) => {
    // Shared modules could multiply from level to level.
    if (state.size > moduleLimit) throw new RangeError(`it has more than ${moduleLimit} tensors`);
    state.set(name, tensor);
  };
  visit(module, "");
  return state;
}

function tensors(value: unknown, where: string): [string, TensorView | null][] {
  return [...dict(value, where)].map(([name, tensor]) => {
    if (tensor === null || tensor instanceof TensorView) return [keyText(name), tensor];
    throw new TypeError(`expected tensors in ${where}, found ${describe(tensor)} as ${describe(name)}`);
  });
}

function dict(value: unknown, where: string): Map<unknown, unknown> {
  if (value === undefined) return new Map();
  if (value instanceof Map) return value;
  throw new TypeError(`expected a dict in ${where}, found ${describe(value)}`);
}
