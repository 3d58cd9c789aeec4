import type { Split } from "../../data/types.ts";
import { precisionNote } from "../../engine/mod.ts";
import { withSeed } from "../../engine/random.ts";
import type { Module } from "../../nn/mod.ts";
import { digest } from "../../training/describe_run.ts";
import { type DataSource, isLive, openData, plainData } from "./data_source.ts";
import type { Experiment } from "./experiment.ts";
import { anchored, makeModel, type ModelSource } from "./model_source.ts";
import type { Json } from "./trial.ts";

/** A study's network and data, looked at. */
export interface OpenedSources {
  /** What the network is made from, wherever that happens. */
  model: ModelSource;
  /** Where the data comes from, in plain words where there are any. */
  source: DataSource;
  data: Split;
  /** A network that no trial trains: it tells what there is. */
  scout: Module;
  /** What the network is called. */
  name: string;
}

/** Opens the data and makes a first network, whose head is drawn from `seed`. */
export async function openSources(
  network: ModelSource,
  source: DataSource,
  seed: number,
): Promise<OpenedSources> {
  const model = typeof network === "function" ? network : anchored(network);
  const described = plainData(source);
  // data that is here already is not opened a second time
  const data = await openData(isLive(source) ? source : described);
  const scout = await withSeed(seed, () => makeModel(model, data.classes.length));
  const name = typeof model === "function" || !("model" in model) ? scout.constructor.name : model.model;
  return { model, source: described, data, scout, name };
}

/** What any study's folder must be of, for the study to go on in it. */
export function identityOf(
  { kind, model, options }: Experiment,
  { name, train, validation }: Split,
  epochs: number,
): { [name: string]: Json } {
  return {
    study: kind,
    model: typeof model === "function" ? "a function" : model as unknown as Json,
    data: [name, digest(train), digest(validation)],
    options: JSON.parse(JSON.stringify(options)),
    epochs,
    ...precisionNote(),
  };
}
