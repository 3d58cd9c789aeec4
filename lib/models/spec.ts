import type { Module } from "../nn/mod.ts";

/** A network as plain data, from which it can be made again in another process: `models.fromSpec(spec)`. */
export interface ModelSpec {
  /** The builder's name. */
  model: string;
  /** The builder's options. */
  options?: Record<string, unknown>;
}

// Beside the network and not in it: its own properties are its submodules and parameters.
const specs = new WeakMap<Module, ModelSpec>();

/** Notes how a network was made. */
export function remember<M extends Module>(model: M, spec: ModelSpec): M {
  specs.set(model, structuredClone(spec));
  return model;
}

/**
 * How a network was made by its builder, as plain data. Parts that were replaced afterwards are not in it.
 *
 * @returns undefined for a network that no builder made
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * console.log(models.toSpec(models.resnet18({ numClasses: 9 }))); // { model: "resnet18", options: { numClasses: 9 } }
 * ```
 */
export function toSpec(model: Module): ModelSpec | undefined {
  const spec = specs.get(model);
  return spec && structuredClone(spec);
}
