import { checkOptions } from "../nn/check_options.ts";
import { describeValue, expectModule, Identity, Module, ModuleList, Sequential } from "../nn/mod.ts";
import { indexOf, putIn, restore, takeOut } from "../nn/sequence.ts";
import type { Changes } from "./changes.ts";
import { edit, type EditOptions, placeOf } from "./edit.ts";
import { briefly } from "./replace.ts";

/**
 * Puts a module in another's place: `model.layer4[1].conv2 = module`, with a look at whether the network still runs.
 *
 * The newcomer trains, also in a frozen part: its values are new. Where it does not fit, nothing has changed. A module that the
 * network has in several places is replaced in this one.
 *
 * @param path the dotted name of the one that goes
 * @throws {RangeError} where there is none of that name, {TypeError} where the shapes disagree, naming layers and shapes
 *
 * @example
 * ```ts
 * import { models, nn, replace } from "thaw";
 *
 * const model = models.resnet18();
 * const changes = replace(model, "layer4.1.conv2", new nn.Conv2d(512, 512, 1, { bias: false }));
 * console.log(changes.changes); // [ { path: "layer4.1.conv2", before: "Conv2d(512, 512)", after: "Conv2d(512, 512)" } ]
 * ```
 */
export function replace(model: Module, path: string, module: Module, options: EditOptions = {}): Changes {
  const action = expectEdit("replace", model, path, module);
  checkOptions(action, options, ["input", "check"]);
  const { parent, name } = placeOf(model, path);
  const old = model.get(path);
  return edit(action, "Module replaced in", model, options, () => {
    Object.assign(parent, { [name]: inModeOf(module, old, model) });
    return {
      changes: [{ path, before: briefly(old), after: briefly(module) }],
      undo: () => Object.assign(parent, { [name]: old }),
    };
  });
}

/**
 * Takes a module out. In a Sequential or ModuleList those behind it are numbered anew, as by torch's `del`; elsewhere, where the
 * forward calls it by name, `nn.Identity` takes its place.
 *
 * @param path its dotted name
 * @throws {RangeError} where there is none of that name, {TypeError} where the shapes disagree without it
 *
 * @example
 * ```ts
 * import { models, remove } from "thaw";
 *
 * const model = models.resnet18();
 * console.log(remove(model, "layer4.1").keys.removed.length); // 12
 * console.log(model.layer4.length); // 1
 * ```
 */
export function remove(model: Module, path: string, options: EditOptions = {}): Changes {
  const action = expectEdit("remove", model, path);
  checkOptions(action, options, ["input", "check"]);
  const { parent, name } = placeOf(model, path);
  const old = model.get(path);
  const before = briefly(old);
  return edit(action, "Module removed from", model, options, () => {
    if (!isSequence(parent)) {
      Object.assign(parent, { [name]: inModeOf(new Identity(), old, model) });
      const undo = () => void Object.assign(parent, { [name]: old });
      return { changes: [{ path, before, after: "Identity" }], undo };
    }
    const children = parent.namedChildren();
    takeOut(parent, indexOf(parent, action, name));
    return { changes: [{ path, before, after: "gone" }], undo: () => restore(parent, children) };
  });
}

/** Options of {@linkcode insertAfter}. */
export interface InsertOptions extends EditOptions {
  /** What the newcomer is called, in a Sequential whose modules have names. */
  name?: string;
}

/**
 * Puts a module in behind another. In a Sequential it gets the next number, and those behind it are numbered anew; elsewhere the
 * two become a `nn.Sequential` in the first one's place, which changes its state dict names (`conv1.0.weight`).
 *
 * The newcomer trains, also in a frozen part: its values are new.
 *
 * @param path the dotted name of the one that it goes behind
 * @throws {RangeError} where there is none of that name, {TypeError} where the shapes disagree, naming layers and shapes
 *
 * @example
 * ```ts
 * import { insertAfter, models, nn } from "thaw";
 *
 * const model = models.efficientnet_lite0();
 * const { keys } = insertAfter(model, "classifier.0", new nn.Linear(1280, 1280));
 * console.log(keys.renamed.get("classifier.1.weight")); // classifier.2.weight
 * ```
 */
export function insertAfter(model: Module, path: string, module: Module, options: InsertOptions = {}): Changes {
  const action = expectEdit("insert after", model, path, module);
  checkOptions(action, options, ["input", "check", "name"]);
  const { name: fresh, ...checks } = options;
  const { parent, name } = placeOf(model, path);
  const old = model.get(path);
  if (fresh !== undefined && !isSequence(parent)) {
    throw new TypeError(`Cannot ${action}: expected no name, since the two become a Sequential, found "${fresh}"`);
  }
  return edit(action, "Module inserted into", model, checks, () => {
    inModeOf(module, old, model);
    if (isSequence(parent)) {
      const children = parent.namedChildren();
      const index = indexOf(parent, action, name);
      putIn(parent, index + 1, module, fresh);
      const added = parent.namedChildren()[index + 1][0];
      const place = [...path.split(".").slice(0, -1), added].join(".");
      return {
        changes: [{ path: place, before: "", after: briefly(module) }],
        undo: () => restore(parent, children),
      };
    }
    const both = new Sequential(old, module);
    both.training = old.training;
    Object.assign(parent, { [name]: both });
    return {
      changes: [{ path, before: briefly(old), after: `Sequential(${briefly(old)}, ${briefly(module)})` }],
      undo: () => Object.assign(parent, { [name]: old }),
    };
  });
}

function isSequence(module: Module): boolean {
  return module instanceof Sequential || module instanceof ModuleList;
}

/** The mode of the one whose place it takes; not its freezing. What the network has already stays in its own. */
function inModeOf<M extends Module>(module: M, old: Module, model: Module): M {
  const known = new Set(model.modules());
  for (const part of module.modules()) if (!known.has(part)) part.training = old.training;
  return module;
}

function expectEdit(verb: string, model: Module, path: string, ...modules: Module[]): string {
  expectModule(verb, model);
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`Cannot ${verb}: expected the dotted name of a module, found ${describeValue(path) || '""'}`);
  }
  const action = `${verb} "${path}"`;
  for (const module of modules) {
    if (!(module instanceof Module)) {
      throw new TypeError(`Cannot ${action}: expected a module, found ${describeValue(module)}`);
    }
    if (model.modules().includes(module)) {
      throw new TypeError(`Cannot ${action}: expected a module of its own, found one that the network has already`);
    }
    if (parentsOf(model, path).some((parent) => module.modules().includes(parent))) {
      throw new TypeError(`Cannot ${action}: expected a module beside what it goes into, found one that contains it`);
    }
  }
  return action;
}

/** The modules on the way to a dotted name, from the network on. */
function parentsOf(model: Module, path: string): Module[] {
  const names = path.split(".");
  return names.map((_, depth) => model.get(names.slice(0, depth).join(".")));
}
