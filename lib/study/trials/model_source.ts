import { resolve, toFileUrl } from "./paths.ts";
import * as models from "../../models/mod.ts";
import { describeValue, Linear, Module } from "../../nn/mod.ts";
import { load } from "../../weights/load.ts";
import { callExport, type ModuleSource } from "./module_source.ts";

/** A builder's name with its options, and a checkpoint to start from in place of its pretrained weights. */
export interface BuilderSource extends models.ModelSpec {
  /** A state dict's file: a path, or an http(s) or file URL. */
  checkpoint?: string;
}

/** A network that can be made again anywhere. */
export type PlainModelSource = BuilderSource | ModuleSource;

/** What a study makes its networks from, one for each trial; a function makes them in this process only. */
export type ModelSource = PlainModelSource | (() => Module | Promise<Module>);

/**
 * Makes a network for `classes` classes. A builder's network gets a new head where its own is for others; what a module or
 * a function makes is taken as it is.
 *
 * @throws {TypeError} where it is nothing to make a network from
 */
export async function makeModel(source: ModelSource, classes: number): Promise<Module> {
  if (typeof source === "function") return expectMade(await source(), "the function");
  if ("module" in source) return expectMade(await callExport(source), source.module);
  const { checkpoint, model, options = {} } = source;
  const { weights, numClasses = classes } = options;
  const head = weights && numClasses === classes && options.head === undefined
    ? headOption(model, options, classes)
    : {};
  const made = await models.fromSpec({ model, options: { ...options, numClasses, ...head } });
  if (head.head === "new" || options.head === "new") replaceHead(made, models.info(model).head);
  if (checkpoint !== undefined) loadCheckpoint(made, await load(checkpoint), models.info(model).head);
  return made;
}

/** The network that a source describes as it was pretrained, with its own head. */
export async function makePretrained(source: ModelSource): Promise<Module> {
  checkModelSource(source);
  if (typeof source === "function") return expectMade(await source(), "the function");
  if ("module" in source) return expectMade(await callExport(source), source.module);
  const { checkpoint, ...spec } = source;
  const made = await models.fromSpec(spec);
  if (checkpoint !== undefined) loadCheckpoint(made, await load(checkpoint), models.info(spec.model).head);
  return made;
}

/** Whether this is something to make networks from, and no network. */
export function isModelSource(value: unknown): value is ModelSource {
  if (typeof value === "function") return true;
  const { model, module } = (value instanceof Module ? {} : value ?? {}) as { model?: unknown; module?: unknown };
  return typeof model === "string" || typeof module === "string";
}

/** Checks a source's form before anything is computed. */
export function checkModelSource(source: ModelSource): void {
  if (typeof source === "function") return;
  const plain = typeof source === "object" && source !== null && !(source instanceof Module);
  if (plain && "module" in source && typeof source.module === "string") return;
  if (plain && "model" in source && typeof source.model === "string") return void models.info(source.model);
  const found = (source as unknown) instanceof Module
    ? `a network, ${(source as unknown as Module).constructor.name}, of which there is only this one`
    : typeof source === "string"
    ? JSON.stringify(source)
    : describeValue(source);
  throw new TypeError(
    'Cannot study: expected what each trial\'s network can be made from, such as { model: "resnet18", options: { weights: ' +
      '"DEFAULT" } } (models.toSpec(model) gives it), the same with { checkpoint: "model.pth" }, { module: "./net.ts" }, or a ' +
      `function that makes it, found ${found}`,
  );
}

/** The same source with paths that hold wherever the process that makes it was started. */
export function anchored(source: PlainModelSource): PlainModelSource {
  if ("module" in source) return { ...source, module: toFileUrl(source.module) };
  return source.checkpoint === undefined ? source : { ...source, checkpoint: resolve(source.checkpoint) };
}

/**
 * A head as people make one, `new nn.Linear(in, classes)`. What a family draws for a head that learns with the rest from
 * nothing may be far too large on features that are there already.
 */
function replaceHead(model: Module, path: string): void {
  const { inFeatures, outFeatures } = model.get(path, Linear);
  const dot = path.lastIndexOf(".");
  Object.assign(model.get(path.slice(0, Math.max(0, dot))), {
    [path.slice(dot + 1)]: new Linear(inFeatures, outFeatures),
  });
}

/** A pretrained head that is for other classes is replaced. */
function headOption(model: string, options: { weights?: unknown }, classes: number): { head?: "new" } {
  const { weights } = models.info(model);
  const entry = weights[options.weights as string];
  return entry && entry.categories.length === classes ? {} : { head: "new" };
}

/** Loads a checkpoint; a head for other classes keeps its first values, everything else must fit. */
function loadCheckpoint(model: Module, state: Awaited<ReturnType<typeof load>>, head: string): void {
  const own = new Map(model.namedState());
  const fits = (name: string) => String(state.get(name)?.shape) === String(own.get(name)?.shape);
  const isHead = (name: string) => name.startsWith(`${head}.`);
  if ([...own.keys()].filter(isHead).every(fits)) return void model.loadStateDict(state);
  const report = model.loadStateDict(state.filter((name) => !isHead(name)), { strict: false });
  const missing = report.missing.filter((name) => !isHead(name));
  if (missing.length + report.unexpected.length + report.mismatched.length > 0) {
    throw new Error(`Cannot start from the checkpoint: it does not fit.\n${report}`);
  }
}

function expectMade(made: unknown, by: string): Module {
  if (made instanceof Module) return made;
  throw new TypeError(`Cannot study: expected ${by} to make a network, found ${describeValue(made)}`);
}
