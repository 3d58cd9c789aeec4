import type { Module } from "../nn/mod.ts";
import type { ModelInfo } from "./info.ts";
import type { OwnWeights } from "./weights_table.ts";

/** A network as plain data, from which it can be made again in another process: `models.fromSpec(spec)`. */
export interface ModelSpec {
  /** The builder's name. */
  model: string;
  /** The builder's options. */
  options?: Record<string, unknown>;
}

/** How a network was made. */
interface Origin {
  info: ModelInfo;
  options: Readonly<Record<string, unknown>>;
}

// Beside the network and not in it: its own properties are its submodules and parameters.
const origins = new WeakMap<Module, Origin>();

/** Notes how a network was made. */
export function remember<M extends Module>(model: M, info: ModelInfo, options: Record<string, unknown>): M {
  const { weights, ...plain } = options;
  // what the caller does to its options afterwards is no matter; weights may have a function, which cannot be cloned
  origins.set(model, { info, options: { ...structuredClone(plain), ...(weights == null ? {} : { weights }) } });
  return model;
}

/** What is known of the builder that made a network. */
export function infoOf(model: Module): ModelInfo | undefined {
  return origins.get(model)?.info;
}

/** Notes that a network that a builder made has a new head by now. */
export function rememberHead(model: Module, numClasses: number): void {
  const origin = origins.get(model);
  if (!origin) return;
  const head = origin.options.weights === undefined ? {} : { head: "new" };
  remember(model, origin.info, { ...origin.options, numClasses, ...head });
}

/**
 * How a network was made by its builder, as plain data. A head that `replaceHead` has made is in it; other parts that were
 * replaced afterwards are not.
 *
 * Weights from the network's table stand in it by their name, weights of one's own as they are.
 *
 * @returns undefined for a network that no builder made
 * @throws {TypeError} where its weights have a function (`rename`): a function is no data
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * console.log(models.toSpec(models.resnet18({ numClasses: 9 }))); // { model: "resnet18", options: { numClasses: 9 } }
 * ```
 */
export function toSpec(model: Module): ModelSpec | undefined {
  const origin = origins.get(model);
  if (!origin) return undefined;
  const { info, options } = origin;
  const weights = options.weights as string | OwnWeights | undefined;
  if (typeof weights === "object" && weights.rename) {
    throw new TypeError(
      `Cannot write ${info.name} as plain data: expected weights without functions, found weights.rename; save a file ` +
        "with the network's own names (await save(model.stateDict(), path)) and give that as weights",
    );
  }
  return structuredClone({ model: info.name, options });
}
