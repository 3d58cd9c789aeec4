import type * as nn from "../nn/mod.ts";
import { Buffer, Counter, IndexBuffer, type Module, Parameter, type Stored } from "../nn/mod.ts";
import { PickleWriter } from "../weights/pickle_writer.ts";
import type { Entry } from "../weights/state_dict.ts";
import { pickleOrderedDict, pickleTensor, type Sink, writeTorchFile } from "../weights/write_torch_zip.ts";
import { further, writers } from "./attributes.ts";
import { forClass } from "./layers.ts";
import { describeValue } from "../weights/describe_value.ts";
import { quoted } from "../weights/quoted.ts";
import { snakeCase, toPython } from "./names.ts";
import { type PythonValue, writeDict, writeValue } from "./python_values.ts";
import { allowed, nameToSave } from "./register_class.ts";

/**
 * Writes a whole network as `torch.save(model, path)` does: `torch.load(path, weights_only=False)` gives the same network, where
 * its classes are torch's and torchvision's.
 *
 * @throws {TypeError} where something in it cannot be written
 */
export async function writeModel(model: Module, sink: Sink): Promise<void> {
  const entries = new Map<Stored, Entry>();
  const names = new Map<Entry, string>();
  try {
    for (const [name, stored] of model.namedState()) {
      if (entries.has(stored)) continue;
      const entry = stored.entry();
      entries.set(stored, entry);
      names.set(entry, name);
    }
    const keys = new Map(Array.from(entries.values(), (entry, i) => [entry, String(i)]));
    await writeTorchFile(pickleModel(model, entries, keys), keys, names, sink);
  } finally {
    for (const entry of entries.values()) if ("dispose" in entry) (entry.dispose as () => void)();
  }
}

function pickleModel(
  model: Module,
  entries: ReadonlyMap<Stored, Entry>,
  keys: ReadonlyMap<Entry, string>,
): Uint8Array {
  const pickle = new PickleWriter();
  const classes = new Map<string, unknown>();
  const places = new Map<Module | Stored, number>(); // in the memo: what is in two places is pickled once
  const once = (value: Module | Stored, write: () => number) => {
    const known = places.get(value);
    if (known !== undefined) pickle.again(known);
    else places.set(value, write());
  };
  const tensor = (stored: Stored | null) => {
    if (!stored) return pickle.code("NONE");
    once(stored, () => {
      const entry = entries.get(stored)!;
      return stored instanceof Parameter
        ? pickleParameter(pickle, stored, keys.get(entry)!, entry)
        : pickleTensor(pickle, keys.get(entry)!, entry);
    });
  };
  const module = (one: Module | null) => {
    if (!one) return pickle.code("NONE");
    once(one, () => {
      const type = nameToSave(one.constructor as nn.ModuleClass<Module>);
      if (classes.has(type) && classes.get(type) !== one.constructor) throw sameName(type);
      classes.set(type, one.constructor);
      const dot = type.lastIndexOf(".");
      pickle.global(type.slice(0, dot), type.slice(dot + 1));
      pickle.code("EMPTY_TUPLE", "NEWOBJ");
      const place = pickle.memoize();
      pickle.code("EMPTY_DICT");
      pickle.memoize();
      pickle.code("MARK");
      for (const [name, value] of Object.entries(attributesOf(one, type, model))) {
        pickle.text(name, true);
        writeValue(pickle, value);
      }
      for (const name of ["_backward_hooks", "_forward_hooks"]) {
        pickle.text(name, true);
        pickleOrderedDict(pickle);
      }
      const { parameters, buffers, modules } = partsOf(one);
      const part = <T>(name: string, values: [string, T][], write: (value: T) => void) => {
        pickle.text(name, true);
        writeDict(pickle, values, write);
      };
      part("_parameters", parameters, tensor);
      part("_buffers", buffers, tensor);
      part("_modules", modules, module);
      pickle.code("SETITEMS", "BUILD");
      return place;
    });
  };
  module(model);
  return pickle.bytes();
}

/** A module's own parameters, buffers and parts; a layer's bias that is not there is one of its parameters in torch. */
function partsOf(module: Module) {
  const own = Object.entries(module);
  const layer = forClass(writers, module.constructor) !== undefined;
  return {
    parameters: own.filter((pair): pair is [string, Parameter | null] =>
      pair[1] instanceof Parameter ||
      (layer && pair[1] === null && ["weight", "bias", "in_proj_bias"].includes(pair[0]))
    ),
    buffers: own.filter((pair): pair is [string, Stored] =>
      pair[1] instanceof Buffer || pair[1] instanceof Counter || pair[1] instanceof IndexBuffer
    ),
    modules: module.namedChildren(),
  };
}

const atRoot = ["training", "frozen", "classes", "transforms"];

/**
 * What a module has in Python besides its tensors and parts.
 *
 * @throws {TypeError} where a class of one's own has something else, which would be gone when the file is loaded
 */
function attributesOf(module: Module, type: string, model: Module): Record<string, PythonValue> {
  const own = allowed(type);
  const layer = forClass(writers, module.constructor)?.(module);
  const attributes: Record<string, PythonValue> = { training: module.training, ...layer };
  const parts = new Set(Object.values(partsOf(module)).flat().map(([name]) => name));
  for (const [name, value] of own || !layer ? Object.entries(module) : []) {
    if (value === undefined || atRoot.includes(name) || parts.has(name)) continue;
    const python = own ? name : snakeCase(name);
    if (layer && (name in layer || snakeCase(name) in layer)) continue; // as a layer of torch.nn has it
    const plain = toPython(value);
    if (plain !== undefined) attributes[python] = plain;
    else if (own) throw notPlain(module, name, value, model);
  }
  Object.assign(attributes, further[type]?.(module));
  if (module.frozen) attributes.frozen = true;
  for (const name of ["classes", "transforms"] as const) {
    const plain = module[name] && toPython(module[name]);
    if (plain !== undefined) attributes[name] = plain;
  }
  return attributes;
}

function notPlain(module: Module, name: string, value: unknown, model: Module): TypeError {
  const path = model.namedModules().find(([, one]) => one === module)![0];
  const where = `${path ? `${quoted(path)} (${module.constructor.name})` : module.constructor.name}`;
  const found = Array.isArray(value) ? "a list with other things in it" : describeValue(value);
  return new TypeError(
    `expected ${name} of ${where} to be a part, a parameter, or plain data (numbers, texts, lists and objects of them), found ` +
      `${found}, which loading could not bring back; make it a method or a getter, put modules in a nn.ModuleList and tensors ` +
      "in a nn.Buffer, or save(model.stateDict(), …)",
  );
}

function sameName(type: string): TypeError {
  const name = type.slice(type.lastIndexOf(".") + 1);
  return new TypeError(
    `expected its classes to have different names, found two that are called ${
      quoted(type)
    }; rename one, or give it a name ` +
      `first: registerClass(${quoted(`my_networks.${name}`)}, TheClass)`,
  );
}

function pickleParameter(pickle: PickleWriter, { requiresGrad }: Parameter, key: string, entry: Entry): number {
  pickle.global("torch._utils", "_rebuild_parameter");
  pickleTensor(pickle, key, entry);
  pickle.code(requiresGrad ? "NEWTRUE" : "NEWFALSE");
  pickleOrderedDict(pickle); // no backward hooks
  pickle.code("TUPLE3");
  pickle.memoize();
  pickle.code("REDUCE");
  return pickle.memoize();
}
