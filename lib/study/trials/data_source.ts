import * as data from "../../data/mod.ts";
import { describeValue } from "../../nn/mod.ts";
import { callExport, type ModuleSource } from "./module_source.ts";
import { resolve, toFileUrl } from "./paths.ts";

/** Data that can be had again anywhere. */
export type PlainDataSource = data.SplitSpec | ModuleSource;

/** What a study takes its data from; a split of tensors, or a function that makes one, works in this process only. */
export type DataSource = PlainDataSource | data.Split | (() => data.Split | Promise<data.Split>);

/**
 * The data itself.
 *
 * @throws {TypeError} where it is no training and validation data
 */
export async function openData(source: DataSource): Promise<data.Split> {
  if (typeof source === "function") return expectSplit(await source());
  if (typeof source !== "object" || source === null) return expectSplit(source);
  if ("module" in source) return expectSplit(await callExport(source));
  return expectSplit(isLive(source) || "batches" in source ? source : await data.fromSpec(source));
}

/** The source as plain data where it is known how the data was made, with paths that hold anywhere; else as it is. */
export function plainData(source: DataSource): DataSource {
  if (typeof source === "function") return source;
  if ("module" in source) return { ...source, module: toFileUrl(source.module) };
  if (!isLive(source)) return "batches" in source ? source : anchored(source); // a dataset is told what it lacks
  return data.toSpec(expectSplit(source)) ?? source;
}

/** Whether it is the data itself and no description of it. */
export function isLive(source: unknown): source is data.Split {
  const { train } = (source ?? {}) as Partial<data.Split>;
  return typeof train?.batches === "function";
}

function anchored(spec: data.SplitSpec): data.SplitSpec {
  if ("train" in spec) return { ...spec, train: anchoredPart(spec.train), validation: anchoredPart(spec.validation) };
  return { ...anchoredPart(spec), split: spec.split };
}

function anchoredPart(spec: data.DataSpec): data.DataSpec {
  return spec.data === "imageFolder" ? { ...spec, folder: resolve(spec.folder) } : spec;
}

function expectSplit(found: unknown): data.Split {
  const split = found as Partial<data.Split> | undefined;
  const has = (part: unknown) => typeof (part as data.Dataset | undefined)?.batches === "function";
  if (split && has(split.train) && has(split.validation)) return split as data.Split;
  const what = has(found) ? "a dataset; write dataset.split({ validation: 0.2 })" : describeValue(found);
  throw new TypeError(`Cannot study: expected data with a training and a validation part, found ${what}`);
}
