import type { Module } from "../nn/mod.ts";
import { type Builder, isBuilder } from "./builder.ts";
import * as families from "./families.ts";
import type { ModelInfo } from "./info.ts";
import { ModelList } from "./list.ts";
import type { BuildOptions, WeightsName } from "./options.ts";
import type { ModelSpec } from "./spec.ts";

const builders = new Map<string, Builder>(
  Object.values(families as Record<string, unknown>)
    .filter(isBuilder)
    .sort((a, b) => a.info.name.localeCompare(b.info.name, "en", { numeric: true }))
    .map((builder) => [builder.info.name, builder]),
);

/**
 * The names of all networks that thaw can make; displays as a table.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * console.log(models.list().filter((name) => name.startsWith("wide"))); // [ "wide_resnet50_2", "wide_resnet101_2" ]
 * ```
 */
export function list(): ModelList {
  return new ModelList([...builders.values()].map(({ info }) => info));
}

/**
 * What is known of a network without making it: its paper, size, options and pretrained weights, with how pictures must be
 * prepared for them.
 *
 * @throws {RangeError} where there is no network of that name
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const { transforms, categories } = models.info("resnet50").weights.DEFAULT;
 * console.log(transforms.resize, transforms.crop, categories[282]); // 232 224 tiger cat
 * ```
 */
export function info(name: string): ModelInfo {
  return find(name).info;
}

/**
 * Makes a network by its name; with pretrained weights a promise of it.
 *
 * @throws {RangeError} where there is no network of that name
 */
export function get(
  name: string,
  options: BuildOptions & { weights: WeightsName; [option: string]: unknown },
): Promise<Module>;
export function get(name: string, options?: BuildOptions & { weights?: null; [option: string]: unknown }): Module;
export function get(name: string, options: BuildOptions = {}): Module | Promise<Module> {
  return find(name)(options);
}

/**
 * Makes the network that a spec describes: the same in another process, on another machine.
 *
 * @throws {TypeError} where it is no spec
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const model = await models.fromSpec({ model: "resnet18", options: { numClasses: 9 } });
 * console.log(models.toSpec(model)); // { model: "resnet18", options: { numClasses: 9 } }
 * ```
 */
export async function fromSpec(spec: ModelSpec): Promise<Module> {
  if (typeof spec?.model !== "string") {
    throw new TypeError(
      `Cannot make a network: expected a spec such as { model: "resnet18", options: {} }, found ${
        JSON.stringify(spec)
      }`,
    );
  }
  return await find(spec.model)(spec.options ?? {});
}

function find(name: string): Builder {
  const builder = builders.get(name);
  if (builder) return builder;
  throw new RangeError(`Cannot find the network "${name}": expected one of ${[...builders.keys()].join(", ")}`);
}
