import { Linear, type Module } from "../nn/mod.ts";

/**
 * Puts a module in another's place, in every part of the network that has it: a Sequential's and a ModuleList's entries are
 * properties as any other. The new one may hold the old one.
 *
 * @returns how often it was there: 0 where it is the network itself, which nothing can be put around
 */
export function replaceModule(model: Module, old: Module, fresh: Module): number {
  const places = model.modules().flatMap((parent) =>
    parent.namedChildren().filter(([, child]) => child === old).map(([name]) => [parent, name] as const)
  );
  for (const [parent, name] of places) Object.assign(parent, { [name]: fresh });
  return places.length;
}

/**
 * Gives a module that is new in a network the mode and the freezing of the one that it belongs to: what is put into a frozen
 * part is frozen.
 *
 * @param trains whether its parameters are to train, where it has any
 */
export function takeAfter<M extends Module>(fresh: M, old: Module, trains = !old.frozen): M {
  fresh.training = old.training;
  fresh.frozen = old.frozen;
  for (const parameter of fresh.parameters()) parameter.requiresGrad = trains;
  return fresh;
}

/** The first name of each module; that of the network is "". */
export function pathsOf(model: Module): Map<Module, string> {
  const paths = new Map<Module, string>();
  for (const [path, module] of model.namedModules()) if (!paths.has(module)) paths.set(module, path);
  return paths;
}

/** A module in a few words: its class and its first arguments. */
export function briefly(module: Module): string {
  if (module instanceof Linear) return `${module.constructor.name}(${module.inFeatures}, ${module.outFeatures})`;
  const parts = module.extraRepr().split(", ");
  const placed = parts.findIndex((part) => part.includes("="));
  const shown = "p" in module ? parts.slice(0, 1) : parts.slice(0, placed < 0 ? parts.length : placed);
  return `${module.constructor.name}${shown.length && shown[0] ? `(${shown.join(", ")})` : ""}`;
}
