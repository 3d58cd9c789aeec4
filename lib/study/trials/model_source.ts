import { resolve, toFileUrl } from "./paths.ts";
import * as models from "../../models/mod.ts";
import { loadAll, loadBody } from "../../models/load_into.ts";
import { headsOf, replaceLayers } from "../../models/replace_head.ts";
import { describeValue, Linear, Module } from "../../nn/mod.ts";
import { isWithin } from "../../nn/select.ts";
import { load as loadFile } from "../../files/load.ts";
import { load } from "../../weights/load.ts";
import { callExport, type ModuleSource } from "./module_source.ts";

/** A builder's name with its options, and a checkpoint to start from in place of its pretrained weights. */
export interface BuilderSource extends models.ModelSpec {
  /** A state dict's file: a path, or an http(s) or file URL. */
  checkpoint?: string;
}

/** A network that was saved whole, with `save(model, path)` or with `torch.save(model, path)`. */
export interface FileSource {
  /** A path, or an http(s) or file URL. */
  file: string;
}

/** A network that can be made again anywhere. */
export type PlainModelSource = BuilderSource | ModuleSource | FileSource;

/** What a study makes its networks from, one for each trial; a function makes them in this process only. */
export type ModelSource = PlainModelSource | (() => Module | Promise<Module>);

/**
 * Makes a network for `classes` classes. A builder's network, and one that was saved whole, get a new head where their own is for
 * others; what a module or a function makes is taken as it is.
 *
 * @throws {TypeError} where it is nothing to make a network from
 */
export async function makeModel(source: ModelSource, classes: number): Promise<Module> {
  if (typeof source === "function") return expectMade(await source(), "the function");
  if ("module" in source) return expectMade(await callExport(source), source.module);
  if ("file" in source) return withHead(await loadWhole(source), classes);
  const { checkpoint, model, options = {} } = source;
  const { numClasses = classes } = options;
  const head = numClasses === classes && options.head === undefined ? headOption(model, options.weights, classes) : {};
  const made = await models.fromSpec({ model, options: { ...options, numClasses, ...head } });
  if (checkpoint !== undefined) loadCheckpoint(made, await load(checkpoint), models.info(model));
  return made;
}

/** The network that a source describes as it was pretrained, with its own head. */
export async function makePretrained(source: ModelSource): Promise<Module> {
  checkModelSource(source);
  if (typeof source === "function") return expectMade(await source(), "the function");
  if ("module" in source) return expectMade(await callExport(source), source.module);
  if ("file" in source) return await loadWhole(source);
  const { checkpoint, ...spec } = source;
  const made = await models.fromSpec(spec);
  if (checkpoint !== undefined) loadCheckpoint(made, await load(checkpoint), models.info(spec.model));
  return made;
}

/** Whether this is something to make networks from, and no network. */
export function isModelSource(value: unknown): value is ModelSource {
  if (typeof value === "function") return true;
  const { model, module, file } = (value instanceof Module ? {} : value ?? {}) as Record<string, unknown>;
  return [model, module, file].some((one) => typeof one === "string");
}

/** Checks a source's form before anything is computed. */
export function checkModelSource(source: ModelSource): void {
  if (typeof source === "function") return;
  const plain = typeof source === "object" && source !== null && !(source instanceof Module);
  if (plain && "module" in source && typeof source.module === "string") return;
  if (plain && "file" in source && typeof source.file === "string") return;
  if (plain && "model" in source && typeof source.model === "string") return void models.info(source.model);
  const found = (source as unknown) instanceof Module
    ? `a network, ${(source as unknown as Module).constructor.name}, of which there is only this one`
    : typeof source === "string"
    ? JSON.stringify(source)
    : describeValue(source);
  throw new TypeError(
    'Cannot study: expected what each trial\'s network can be made from, such as { model: "resnet18", options: { weights: ' +
      '"DEFAULT" } } (models.toSpec(model) gives it), the same with { checkpoint: "model.pth" }, { file: "model.pkl" } with a network that was saved ' +
      `whole, { module: "./net.ts" }, or a function that makes it, found ${found}`,
  );
}

/** The same source with paths that hold wherever the process that makes it was started. */
export function anchored(source: PlainModelSource): PlainModelSource {
  if ("module" in source) return { ...source, module: toFileUrl(source.module) };
  if ("file" in source) return { ...source, file: resolve(source.file) };
  return source.checkpoint === undefined ? source : { ...source, checkpoint: resolve(source.checkpoint) };
}

async function loadWhole({ file }: FileSource): Promise<Module> {
  const made = await loadFile<Module>(file);
  if (made instanceof Module) return made;
  throw new TypeError(
    `Cannot study: expected a network that was saved whole in "${file}", found a state dict; say which network it is for: ` +
      `{ model: "resnet18", checkpoint: ${JSON.stringify(file)} }`,
  );
}

/** The last layer makes the logits, of nearly all networks. */
function withHead(model: Module, classes: number): Module {
  const last = model.modules().findLast((module): module is Linear => module.constructor === Linear);
  if (!last || last.outFeatures === classes) return model;
  models.replaceHead(model, classes);
  for (const { value } of last.parameters()) value.dispose(); // nobody else knows the network yet
  return model;
}

/** A pretrained head that is for other classes is replaced. */
function headOption(model: string, weights: unknown, classes: number): { head?: "new" } {
  if (!weights) return {};
  const known = typeof weights === "string" ? models.info(model).weights[weights] : weights as models.OwnWeights;
  return known?.categories?.length === classes ? {} : { head: "new" };
}

/** Loads a checkpoint; in place of a head for other classes there is a new one, everything else must fit. */
function loadCheckpoint(model: Module, state: Awaited<ReturnType<typeof load>>, info: models.ModelInfo): void {
  const heads = headsOf(model, info);
  const own = model.namedState().filter(([name]) => heads.some((head) => isWithin(name, head)));
  const fits = own.every(([name, { shape }]) => String(state.get(name)?.shape) === String(shape));
  if (fits) return void loadAll(model, state, info);
  replaceLayers(model, heads);
  loadBody("start from the checkpoint", model, state, info);
}

function expectMade(made: unknown, by: string): Module {
  if (made instanceof Module) return made;
  throw new TypeError(`Cannot study: expected ${by} to make a network, found ${describeValue(made)}`);
}
