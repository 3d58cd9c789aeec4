import { allowed } from "./register_class.ts";
import * as nn from "../nn/mod.ts";
import { elementCount } from "../weights/dtype.ts";
import { ParameterView, type TensorView } from "../weights/python.ts";
import { quoted } from "../weights/quoted.ts";
import { type SavedModule, stateOf } from "../weights/saved_module.ts";
import { StateDict } from "../weights/state_dict.ts";
import { completers, writers } from "./attributes.ts";
import { Attributes, forClass, layerClass, makers } from "./layers.ts";
import { camelCase, fromPython, isPlain } from "./names.ts";
import { withoutHistory } from "./older.ts";

/**
 * A network from what a file says of it. Layers are made by their constructors, everything else without: its parts and its plain
 * attributes are put where its class looks for them. No code of the file's is run.
 *
 * @param state the tensors of all of it, by name
 * @throws {TypeError} where a class is not known here, or a layer has what ours does not
 */
export function rebuild(saved: SavedModule, state: StateDict): nn.Module {
  const made = new Map<SavedModule, nn.Module>();
  const tied = new Map<TensorView, nn.Parameter>();
  const make = (module: SavedModule, path: string): nn.Module => {
    const known = made.get(module);
    if (known) return known;
    const type = classOf(module.type, path);
    const layer = forClass(makers, type);
    const attributes = new Attributes(path, module.type, module.attributes);
    const fresh = layer
      ? layer(allowed(module.type) ? asItsLayer(type) : type, attributes, module)
      : Reflect.construct(nn.Module, [], type) as nn.Module;
    made.set(module, fresh);
    if (!layer || allowed(module.type)) furnish(fresh, module, path, make);
    else {
      for (const [name, child] of module.modules) {
        if (child) put(fresh, module, path, { [name]: make(child, below(path, name)) });
      }
    }
    complete(fresh, module, path);
    describeFurther(fresh, module, tied);
    return fresh;
  };
  const network = withoutHistory(saved);
  checkSizes(network);
  const model = make(network, "");
  const names = [...stateOf(network).keys()]; // without what wrapped it: `module.`
  model.loadStateDict(StateDict.from([...state.values()].map((entry, i) => [names[i], entry] as const)));
  try {
    String(model);
  } catch (error) {
    throw new TypeError(`its network lacks what its classes have, or has something else there: ${reason(error)}`);
  }
  return model;
}

/** The constructor of the layer that a class of one's own extends, making that class: its own constructor is not run. */
function asItsLayer(type: nn.ModuleClass<nn.Module>) {
  const layer = layerClass(makers, type) as new (...args: unknown[]) => nn.Module;
  return function (...args: unknown[]) {
    return Reflect.construct(layer, args, type);
  };
}

/** Puts a module's own tensors, parts and attributes in their places; a layer has some of them already. */
function furnish(
  fresh: nn.Module,
  saved: SavedModule,
  path: string,
  make: (module: SavedModule, path: string) => nn.Module,
): void {
  const members: Record<string, unknown> = Object.create(null); // where "__proto__" is a name like any other
  const own = allowed(saved.type);
  const layers = forClass(writers, fresh.constructor)?.(fresh) ?? {};
  for (const [name, value] of saved.attributes) {
    if ((own ? name in layers : name.startsWith("_")) || !isPlain(value)) continue;
    members[own ? name : camelCase(name)] = fromPython(value);
  }
  for (const [name, tensor] of saved.parameters) members[name] = tensor && new nn.Parameter(tensor.size, zeros);
  for (const [name, tensor] of saved.buffers) members[name] = tensor && bufferOf(tensor);
  for (const name of Object.keys(fresh)) delete members[name];
  for (const [name, child] of saved.modules) members[name] = child && make(child, below(path, name));
  put(fresh, saved, path, members);
}

/** Sets members of a module, none of which may be in the way of what its class does. */
function put(fresh: nn.Module, { type }: SavedModule, path: string, members: Record<string, unknown>): void {
  const prototype = Object.getPrototypeOf(fresh);
  for (const name of Object.keys(members)) {
    if (!(name in prototype)) continue;
    throw new TypeError(
      `expected ${quoted(path)} (${type}) to have no ${quoted(name)} of its own, which is its class's`,
    );
  }
  Object.assign(fresh, members);
}

/** Gives a module what its class computes, where that is not in the file. */
function complete(fresh: nn.Module, { type, attributes }: SavedModule, path: string): void {
  try {
    completers[type]?.(fresh, attributes);
  } catch (error) {
    throw new TypeError(`expected ${quoted(path)} (${type}) to have the parts of its class: ${reason(error)}`);
  }
}

const spare = 1 << 24; // numbers

/**
 * A network's values are taken at once. Views can repeat a storage, and a thousand of them can be of one and the same: they
 * must not come to more than the file has by far.
 */
function checkSizes(saved: SavedModule): void {
  const views = new Set<TensorView>(), modules = new Set<SavedModule>();
  const visit = (module: SavedModule) => {
    if (modules.has(module)) return;
    modules.add(module);
    for (const tensor of [...module.parameters.values(), ...module.buffers.values()]) if (tensor) views.add(tensor);
    for (const child of module.modules.values()) if (child) visit(child);
  };
  visit(saved);
  let numbers = 0, most = spare;
  for (const { size } of views) numbers += elementCount(size);
  for (const storage of new Map([...views].map(({ storage }) => [storage.key, storage])).values()) {
    most += 4 * storage.elements;
  }
  if (numbers <= most) return;
  throw new RangeError(`its tensors have ${numbers} numbers in all, where its storages explain up to ${most}`);
}

/** What JavaScript says of an error in its own words, without what it calls them. */
function reason(error: unknown): string {
  const property = /reading '([^']*)'/.exec((error as Error).message)?.[1];
  return property === undefined
    ? "they do not fit together"
    : `expected ${quoted(property)}, found nothing that has it`;
}

/** The mode, what is frozen, and what a network knows of its classes and its pictures. */
function describeFurther(
  fresh: nn.Module,
  { attributes, parameters }: SavedModule,
  tied: Map<TensorView, nn.Parameter>,
): void {
  fresh.training = attributes.get("training") !== false;
  fresh.frozen = attributes.get("frozen") === true;
  const [classes, transforms] = ["classes", "transforms"].map((name) => attributes.get(name));
  if (Array.isArray(classes) && classes.every((name) => typeof name === "string")) fresh.classes = [...classes];
  if (isPlain(transforms) && transforms instanceof Map) {
    fresh.transforms = fromPython(transforms) as unknown as nn.Module["transforms"];
  }
  for (const [name, tensor] of parameters) {
    const members = fresh as unknown as Record<string, unknown>;
    const parameter = members[name];
    if (!(parameter instanceof nn.Parameter) || !(tensor instanceof ParameterView)) continue;
    parameter.requiresGrad = tensor.requiresGrad;
    // One that two layers share is one value in the file, and one parameter here.
    const first = tied.get(tensor);
    if (first) members[name] = first;
    else tied.set(tensor, parameter);
  }
}

function bufferOf({ size, type }: TensorView): nn.Buffer | nn.IndexBuffer | nn.Counter {
  if (type.dtype === "int64" && size.length === 0) return new nn.Counter();
  return type.dtype === "int64"
    ? new nn.IndexBuffer(size, new Int32Array(elementCount(size)))
    : new nn.Buffer(size, zeros);
}

const zeros = nn.init.constant(0); // until the state dict comes, at once

function classOf(name: string, path: string): nn.ModuleClass<nn.Module> {
  const type = nn.classNamed(name);
  if (type) return type;
  const where = path ? ` in ${quoted(path)}` : "";
  throw new TypeError(
    `its class${where} is ${quoted(name)} in Python, which has no class here: registerClass(${
      quoted(name)
    }, TheClass) says which it is; ` +
      'or load its state dict alone: load(path, { as: "stateDict" })',
  );
}

function below(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}
