import type { Split } from "../../data/types.ts";
import type { Module } from "../../nn/mod.ts";
import { digest } from "../../training/describe_run.ts";
import { type DataSource, isLive, openData, plainData } from "../trials/data_source.ts";
import type { Experiment } from "../trials/experiment.ts";
import { anchored, makeModel, type ModelSource } from "../trials/model_source.ts";
import { splitCosts } from "./split_cost.ts";
import { checkSplits, type SplitSettings } from "./split_options.ts";
import type { SplitPlan } from "./split_plan.ts";
import { cutOfSplit } from "./split_setting.ts";
import type { Json } from "../trials/trial.ts";
import { withSeed } from "../trials/with_seed.ts";

/** What a split study is about, once network and data have been looked at. */
export interface SplitExperiment {
  experiment: Experiment;
  data: Split;
  /** A network that no trial trains: it tells the stages, and in the end what the best split freezes. */
  scout: Module;
  /** What the network is called. */
  name: string;
  plan: SplitPlan;
}

/** Opens the data, makes a network, and plans what to try. */
export async function openSplitExperiment(
  network: ModelSource,
  source: DataSource,
  settings: SplitSettings,
): Promise<SplitExperiment> {
  const model = typeof network === "function" ? network : anchored(network);
  const described = plainData(source);
  // data that is here already is not opened a second time
  const data = await openData(isLive(source) ? source : described);
  const scout = await withSeed(settings.seeds[0], () => makeModel(model, data.classes.length));
  const { trial, search } = settings;
  const splits = checkSplits(scout, settings.splits);
  const cuts = splits.map((until) => cutOfSplit(scout, { until, start: "pretrained" }));
  const costs = search === "halving"
    ? await splitCosts(scout, splits, data.train, trial.transforms ?? scout.transforms)
    : undefined;
  return {
    experiment: {
      kind: "splits",
      model,
      data: described,
      options: trial,
      cuts: [...new Set(cuts.filter((cut) => cut !== undefined))],
    },
    data,
    scout,
    name: typeof model === "function" || !("model" in model) ? scout.constructor.name : model.model,
    plan: { ...settings, splits, divided: splits.filter((_, i) => cuts[i] !== undefined), costs },
  };
}

/** What must be the same for a study to go on: seeds and splits may be added. */
export function identityOf(
  { experiment: { model, options, kind }, data: { train, validation, name } }: SplitExperiment,
  { epochs, search, findRate, trial }: SplitSettings,
): { [name: string]: Json } {
  return {
    study: kind,
    model: typeof model === "function" ? "a function" : model as unknown as Json,
    data: [name, digest(train), digest(validation)],
    options: JSON.parse(JSON.stringify(options)),
    epochs,
    search,
    learningRate: findRate ? "find" : trial.learningRate ?? null,
  };
}
