import { checkOptions } from "../nn/check_options.ts";
import { describeValue, type Module } from "../nn/mod.ts";
import { type Builder, isBuilder } from "./builder.ts";
import * as families from "./families.ts";
import type { ModelInfo } from "./info.ts";
import { ModelList } from "./list.ts";
import type { BuildOptions, WeightsName } from "./options.ts";
import type { ModelSpec } from "./spec.ts";
import type { OwnWeights } from "./weights_table.ts";

const builders = new Map<string, Builder>(
  Object.values(families as Record<string, unknown>)
    .filter(isBuilder)
    .sort((a, b) => a.info.name.localeCompare(b.info.name, "en", { numeric: true }))
    .map((builder) => [builder.info.name, builder]),
);

/** Which networks {@linkcode list} is to name. */
export interface ListOptions {
  /** Patterns, one of which the name must fit; `*` stands for any characters, `?` for any one. All names unless given. */
  include?: string | readonly string[];
  /** Patterns, none of which the name may fit. */
  exclude?: string | readonly string[];
  /** Families, one of which the network must belong to. */
  family?: string | readonly string[];
}

/**
 * The names of the networks that thaw can make, by family and size; displays as a table of what is known of each: in a
 * notebook `models.list()` is the cell that shows the zoo.
 *
 * @throws {RangeError} where there is no such family, {TypeError} where the options are others
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * console.log([...models.list({ include: "*resnet*", exclude: "resnet*" })]); // [ "wide_resnet50_2", "wide_resnet101_2" ]
 * console.log(models.list({ family: "ResNeXt" })); // a table
 * ```
 */
export function list(options: ListOptions = {}): ModelList {
  checkOptions("list networks", options, ["include", "exclude", "family"]);
  const { include = "*", exclude = [], family } = options;
  const included = fits("include", include), excluded = fits("exclude", exclude);
  const infos = [...builders.values()].map(({ info }) => info);
  const families = family === undefined ? undefined : patterns("family", family);
  const known = [...new Set(infos.map(({ family }) => family))];
  const unknown = families?.find((one) => !known.includes(one));
  if (unknown !== undefined) {
    throw new RangeError(`Cannot list networks: expected family ${known.join(", ")}, found "${unknown}"`);
  }
  const meant = infos.filter(({ name, family }) =>
    included(name) && !excluded(name) && (families === undefined || families.includes(family))
  );
  return new ModelList(meant.toSorted(inOrder));
}

/** By family, and within a family from the smallest to the largest. */
function inOrder(a: ModelInfo, b: ModelInfo): number {
  return a.family.localeCompare(b.family, "en") || a.parameters - b.parameters || a.name.localeCompare(b.name, "en");
}

function fits(option: string, given: string | readonly string[]): (name: string) => boolean {
  const expressions = patterns(option, given).map((pattern) => {
    const escaped = pattern.replace(/[\\^$+.()[\]{}|]/g, "\\$&");
    return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
  });
  return (name) => expressions.some((expression) => expression.test(name));
}

function patterns(option: string, given: string | readonly string[]): readonly string[] {
  const all = typeof given === "string" ? [given] : given;
  if (Array.isArray(all) && all.every((one) => typeof one === "string")) return all;
  throw new TypeError(
    `Cannot list networks: expected ${option} to be a name or a list of names, found ${describeValue(given)}`,
  );
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
 * console.log(transforms.resize, transforms.crop, categories?.[282]); // 232 224 tiger cat
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
  options: BuildOptions & { weights: WeightsName | OwnWeights; [option: string]: unknown },
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
  const found = typeof name === "string" ? `"${name}"` : describeValue(name);
  throw new RangeError(
    `Cannot find the network ${found}: expected a name in models.list(), such as ${closest(String(name)).join(", ")}`,
  );
}

/** The names that begin as this one does, as far as any do. */
function closest(name: string): string[] {
  const names = [...builders.keys()];
  for (let length = name.length; length > 0; length--) {
    const alike = names.filter((known) => known.startsWith(name.slice(0, length).toLowerCase()));
    if (alike.length > 0) return alike.slice(0, 5);
  }
  return names.slice(0, 5);
}
