import type { Module } from "../nn/mod.ts";
import { ModelInfo, type Paper } from "./info.ts";
import { loadAll, loadBody } from "./load_into.ts";
import { noteReport } from "./load_report.ts";
import { type BuildOptions, checkOptions, type WeightsName } from "./options.ts";
import { headsOf, replaceLayers } from "./replace_head.ts";
import { remember } from "./spec.ts";
import { loadWeights, type OwnWeights, type WeightsTable } from "./weights_table.ts";

/**
 * Makes one of the networks that thaw knows: at once, or, with pretrained weights, as soon as they are there.
 *
 * The first use of weights downloads them into the cache and shows how far it is. What became of the names in their file,
 * `models.loadReport(model)` says.
 */
export interface Builder<M extends Module = Module, Own = Record<never, never>> {
  (options: BuildOptions & Own & { weights: WeightsName | OwnWeights }): Promise<M>;
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
  /** The same of the network's auxiliary heads, which only training uses and the network may be made without. */
  auxiliaryHeads?: readonly string[];
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
  const { weights: _none, head: _fresh, ...own } = given(options);
  return remember(build(own), info, own);
}

async function makePretrained<M extends Module>(
  info: ModelInfo,
  build: Build<M>,
  options: BuildOptions & Plain,
): Promise<M> {
  checkOptions(info, options);
  const { weights: asked, head, numClasses, ...own } = options;
  const weights = typeof asked === "string" ? info.weights[asked] : asked!;
  const name = info.weightsNames.find((name) => info.weights[name] === weights);
  const { categories = null } = weights;
  const checked = (known: number | undefined, made = numClasses) =>
    head === "new" || checkClasses(info, name, known, made, numClasses !== undefined);
  if (categories) checked(categories.length);
  const model = build({ ...weights.options, ...given(own), numClasses: numClasses ?? categories?.length });
  if (head === "new") replaceLayers(model, headsOf(model, info), numClasses); // before waiting: draws in a fixed order
  const state = await loadWeights(weights);
  const ofHead = `${info.head}.weight`;
  if (!categories) checked(state.get(ofHead)?.shape[0], new Map(model.namedState()).get(ofHead)?.shape[0]);
  const action = `make ${info.name} with these options`;
  noteReport(model, head === "new" ? loadBody(action, model, state, info) : loadAll(model, state, info));
  if (head !== "new") model.classes = categories ?? undefined;
  model.transforms = weights.transforms;
  return remember(model, info, { ...options, weights: name ?? weights });
}

/** Options that were given: an undefined one must not hide what the network has, or the weights ask for. */
function given(options: Plain): Plain {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function checkClasses(
  info: ModelInfo,
  name = "given",
  known: number | undefined,
  numClasses: number | undefined,
  isGiven: boolean,
): void {
  if (numClasses === undefined || known === undefined || numClasses === known) return;
  const advice = isGiven
    ? 'pass head: "new" to load everything but the head, or leave numClasses out and call ' +
      `replaceHead(model, ${numClasses}) afterwards`
    : `pass numClasses: ${known}, or the weights' categories`;
  throw new RangeError(
    `Cannot make ${info.name} with the weights ${name}: expected numClasses ${known}, which they were trained for, found ` +
      `${numClasses}; ${advice}`,
  );
}
