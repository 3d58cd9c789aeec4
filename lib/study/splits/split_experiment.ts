import type { DataSource } from "../trials/data_source.ts";
import type { Experiment } from "../trials/experiment.ts";
import type { ModelSource } from "../trials/model_source.ts";
import { identityOf, type OpenedSources, openSources } from "../trials/open_sources.ts";
import type { Json } from "../trials/trial.ts";
import { splitCosts } from "./split_cost.ts";
import { checkSplits, type SplitSettings } from "./split_options.ts";
import type { SplitPlan } from "./split_plan.ts";
import { cutOfSplit } from "./split_setting.ts";

/** What a split study is about, once network and data have been looked at. */
export interface SplitExperiment extends Pick<OpenedSources, "data" | "scout" | "name"> {
  experiment: Experiment;
  plan: SplitPlan;
}

/** Opens the data, makes a network, and plans what to try. */
export async function openSplitExperiment(
  network: ModelSource,
  data: DataSource,
  settings: SplitSettings,
): Promise<SplitExperiment> {
  const opened = await openSources(network, data, settings.seeds[0]);
  const { scout } = opened;
  const { trial, search } = settings;
  const splits = checkSplits(scout, settings.splits);
  const cuts = splits.map((until) => cutOfSplit(scout, { until, start: "pretrained" }));
  const costs = search === "halving"
    ? await splitCosts(scout, splits, opened.data.train, trial.transforms ?? scout.transforms)
    : undefined;
  return {
    experiment: {
      kind: "splits",
      model: opened.model,
      data: opened.source,
      options: trial,
      cuts: [...new Set(cuts.filter((cut) => cut !== undefined))],
    },
    data: opened.data,
    scout,
    name: opened.name,
    plan: { ...settings, splits, divided: splits.filter((_, i) => cuts[i] !== undefined), costs },
  };
}

/** What must be the same for a study to go on: seeds and splits may be added. */
export function splitIdentity(
  { experiment, data }: SplitExperiment,
  { epochs, search, findRate, trial }: SplitSettings,
): { [name: string]: Json } {
  const learningRate = findRate ? "find" : trial.learningRate ?? null;
  return { ...identityOf(experiment, data, epochs), search, learningRate };
}
