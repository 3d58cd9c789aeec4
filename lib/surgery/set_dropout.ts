import { checkOptions } from "../nn/check_options.ts";
import {
  AlphaDropout,
  Dropout,
  Dropout2d,
  DropoutLayer,
  expectModule,
  type Module,
  ModuleList,
  Sequential,
} from "../nn/mod.ts";
import { isWithin, listed, selectPaths } from "../nn/select.ts";
import { type Change, Changes } from "./changes.ts";
import { watchKeys } from "./key_changes.ts";
import { briefly, pathsOf, replaceModule, takeAfter } from "./replace.ts";

/** Options of {@linkcode setDropout}. */
export interface SetDropoutOptions {
  /** Which kind of layer is put where there is none; `"Dropout"` unless given. */
  type?: "Dropout" | "Dropout2d" | "AlphaDropout";
}

const types = { Dropout, Dropout2d, AlphaDropout };

/**
 * Sets how much dropout (Srivastava et al. 2014) a network has, and where.
 *
 * Without `where`, every dropout layer that there is gets the rate `p`. With it, each name means, as in `freeze`, a layer or
 * a part of the network: where that is a dropout layer or has some in it, those get the rate, and so does a dropout layer
 * that stands right before it in a Sequential; otherwise one is put before it. The layer `fc` becomes
 * `nn.Sequential(new nn.Dropout(p), fc)` then, and `fc.weight` in the state dict is `fc.1.weight`; the same call with another
 * rate finds that dropout and changes it.
 *
 * What is put before a frozen layer is frozen, which is to say off.
 *
 * @param p the probability with which a unit is dropped
 * @param where one name or several; `*` stands for any one part of a path, `**` for any path
 * @throws {RangeError} where there is no dropout to set, a name is not one of the network's, or `p` is no probability
 *
 * @example
 * ```ts
 * import { models, setDropout } from "thaw";
 *
 * const model = models.resnet18({ numClasses: 9 });
 * const { keys } = setDropout(model, 0.5, "fc");
 * console.log(String(model.get("fc.0")), keys.renamed.get("fc.weight")); // Dropout(p=0.5, inplace=False) fc.1.weight
 * setDropout(model, 0.2); // there is one now
 * ```
 */
export function setDropout(
  model: Module,
  p: number,
  where?: string | readonly string[],
  options: SetDropoutOptions = {},
): Changes {
  const action = "set dropout";
  expectModule(action, model);
  checkOptions(action, options, ["type"]);
  const { type = "Dropout" } = options;
  if (typeof p !== "number" || !(p >= 0 && p <= 1)) {
    throw new RangeError(
      `Cannot ${action}: expected p from 0 to 1, found ${typeof p === "number" ? p : JSON.stringify(p)}`,
    );
  }
  if (!Object.hasOwn(types, type)) {
    const names = Object.keys(types).map((name) => `"${name}"`).join(" or ");
    throw new RangeError(`Cannot ${action}: expected type ${names}, found ${JSON.stringify(type)}`);
  }
  // all is found before anything changes, and so the names are those from before
  const { dropouts, bare } = where === undefined ? { dropouts: existing(model), bare: [] } : named(model, where);
  const paths = pathsOf(model);
  const { result, keys } = watchKeys(model, () => [
    ...dropouts.map((layer) => change(layer, paths.get(layer)!, p)),
    ...bare.map((layer) => putBefore(model, layer, paths.get(layer)!, new types[type](p))),
  ]);
  return new Changes(`Dropout ${p} set in ${model.constructor.name}`, result, [], keys);
}

/** Every dropout layer of a network that has some. */
function existing(model: Module): DropoutLayer[] {
  const found = model.modules().filter((module) => module instanceof DropoutLayer);
  if (found.length > 0) return found;
  const layers = model.namedModules().filter(([path, module]) =>
    path !== "" && module.children().length === 0 && module.parameters().length > 0
  );
  const example = layers.at(-1)?.[0] ?? "NAME";
  throw new RangeError(
    `Cannot set dropout of ${model.constructor.name}: expected dropout layers, found none; say before which layer to ` +
      `put one: setDropout(model, 0.5, "${example}")`,
  );
}

/** The dropout layers that some names mean, and the layers that are to have one put before them. */
function named(model: Module, where: string | readonly string[]): { dropouts: DropoutLayer[]; bare: Module[] } {
  const dropouts = new Set<DropoutLayer>();
  const bare = new Set<Module>();
  for (const name of listed("set dropout at", where)) {
    const matches = [...selectPaths("set dropout at", model, name)];
    const inside = model.namedModules().filter(([path, module]) =>
      module instanceof DropoutLayer && matches.some((match) => isWithin(path, match))
    );
    inside.forEach(([, layer]) => dropouts.add(layer as DropoutLayer));
    if (inside.length > 0) continue;
    // a name stands for a module with all below it: of those within one another the outermost is meant
    for (const path of matches.filter((path) => !matches.some((other) => other !== path && isWithin(path, other)))) {
      const before = dropoutBefore(model, path);
      if (before) dropouts.add(before);
      else bare.add(runnable(model, path));
    }
  }
  return { dropouts: [...dropouts], bare: [...bare] };
}

/** The dropout layer that stands right before a module in a Sequential. */
function dropoutBefore(model: Module, path: string): DropoutLayer | undefined {
  const parent = model.get(path.slice(0, Math.max(0, path.lastIndexOf("."))));
  if (!(parent instanceof Sequential)) return undefined;
  const children = parent.children();
  const before = children[children.indexOf(model.get(path)) - 1];
  return before instanceof DropoutLayer ? before : undefined;
}

function runnable(model: Module, path: string): Module {
  const module = model.get(path);
  if (!(module instanceof ModuleList)) return module;
  throw new TypeError(
    `Cannot set dropout at "${path}": expected a module that runs, found a ModuleList, which only holds others; name ` +
      `one of those, or "${path}.*" for all`,
  );
}

function change(layer: DropoutLayer, path: string, p: number): Change {
  const before = described(layer);
  layer.p = p;
  return { path, before, after: described(layer) };
}

function putBefore(model: Module, layer: Module, path: string, dropout: DropoutLayer): Change {
  const both = new Sequential(takeAfter(dropout, layer), layer);
  both.training = layer.training;
  both.frozen = layer.frozen;
  replaceModule(model, layer, both);
  return { path, before: briefly(layer), after: `Sequential(${described(dropout)}, ${briefly(layer)})` };
}

function described(dropout: DropoutLayer): string {
  return `${briefly(dropout)}${dropout.frozen ? ", off: frozen" : ""}`;
}
