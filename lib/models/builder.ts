import { LoadReport, type Module } from "../nn/mod.ts";
import type { StateDict } from "../weights/state_dict.ts";
import { ModelInfo, type Paper } from "./info.ts";
import { type BuildOptions, checkOptions, type WeightsName } from "./options.ts";
import { remember } from "./spec.ts";
import { loadWeights, type Weights, type WeightsTable } from "./weights_table.ts";

/**
 * Makes one of the networks that thaw knows: at once, or, with pretrained weights, as soon as they are there.
 *
 * The first use of weights downloads them into the cache and shows how far it is.
 */
export interface Builder<M extends Module = Module, Own = Record<never, never>> {
  (options: BuildOptions & Own & { weights: WeightsName }): Promise<M>;
  (options?: BuildOptions & Own & { weights?: null }): M;
  (options: BuildOptions & Own): M | Promise<M>;
  /** What is known of the network without making it. */
  readonly info: ModelInfo;
}

/** What {@linkcode builder} needs to know of a network. */
export interface About<M extends Module, Own> {
  name: string;
  family: string;
  paper: Paper;
  /** The dotted name of the layer that makes logits of features. */
  head: string;
  /** Its pretrained weights, where there are any. */
  weights?: WeightsTable;
  /** What each of the network's own options means, and its default. */
  options: Record<keyof Own & string, string>;
  /** Makes the network with its initial values. */
  build(options: Own & { numClasses?: number }): M;
}

/**
 * Turns what is known of a network into the function that makes it.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 * import type * as tf from "@tensorflow/tfjs";
 *
 * class Mean extends nn.Module {
 *   fc: nn.Linear;
 *   constructor({ numClasses = 1000 }) {
 *     super();
 *     this.fc = new nn.Linear(3, numClasses);
 *   }
 *   override forward(x: tf.Tensor): tf.Tensor {
 *     return this.fc.forward(x.mean([1, 2]));
 *   }
 * }
 * const paper = { title: "On Means", authors: "N. N.", year: 2024, url: "https://example.com" };
 * const mean = models.builder<Mean>({
 *   name: "mean",
 *   family: "Mean",
 *   paper,
 *   head: "fc",
 *   options: {},
 *   build: (options) => new Mean(options),
 * });
 * console.log(mean({ numClasses: 9 }).fc.outFeatures); // 9
 * ```
 */
export function builder<M extends Module, Own = Record<never, never>>(about: About<M, Own>): Builder<M, Own> {
  const build = (options: Plain) => about.build(options as Own & { numClasses?: number });
  const info = new ModelInfo(about, () => build({}));
  const make = (options: BuildOptions & Plain = {}) =>
    options?.weights == null ? makeFresh(info, build, options) : makePretrained(info, build, options);
  Object.defineProperty(make, "name", { value: about.name });
  return Object.assign(make, { info }) as unknown as Builder<M, Own>;
}

/** Whether a value is a builder. */
export function isBuilder(value: unknown): value is Builder {
  return typeof value === "function" && "info" in value && value.info instanceof ModelInfo;
}

type Plain = Record<string, unknown>;
type Build<M extends Module> = (options: Plain) => M;

function makeFresh<M extends Module>(info: ModelInfo, build: Build<M>, options: BuildOptions & Plain): M {
  checkOptions(info, options);
  const { weights: _none, head: _fresh, ...own } = options;
  return remember(build(own), { model: info.name, options: own });
}

async function makePretrained<M extends Module>(
  info: ModelInfo,
  build: Build<M>,
  options: BuildOptions & Plain,
): Promise<M> {
  checkOptions(info, options);
  const { weights: asked, head, ...own } = options;
  const name = asked === "DEFAULT" ? info.default! : asked!;
  const weights = info.weights[name];
  const numClasses = own.numClasses ?? weights.categories.length;
  if (head !== "new") checkClasses(info, name, weights, numClasses);
  const model = build({ ...own, numClasses });
  const state = await loadWeights(weights);
  if (head === "new") loadBody(model, state, info);
  else {
    model.loadStateDict(state);
    model.classes = weights.categories;
  }
  model.transforms = weights.transforms;
  return remember(model, { model: info.name, options: { ...options, weights: name } });
}

function checkClasses(info: ModelInfo, name: string, { categories }: Weights, numClasses: number): void {
  if (numClasses === categories.length) return;
  throw new RangeError(
    `Cannot make ${info.name} with the weights ${name}: expected numClasses ${categories.length}, which they were ` +
      `trained for, found ${numClasses}; pass head: "new" to load everything but the head, or replace ` +
      `model.${info.head} afterwards`,
  );
}

/** Loads everything but the head, which keeps its initial values; everything else must fit. */
function loadBody(model: Module, state: StateDict, { name, head }: ModelInfo): void {
  const inBody = (entry: string) => !entry.startsWith(`${head}.`);
  const loaded = model.loadStateDict(state.filter(inBody), { strict: false });
  const { matched, missing, unexpected, mismatched } = loaded;
  const report = new LoadReport(matched, missing.filter(inBody), unexpected, mismatched);
  if (report.complete) return;
  throw new Error(`Cannot make ${name} with these options: its weights do not fit.\n${report}`);
}
