import type { FitOptions } from "../../training/mod.ts";
import type { ModelSource, PlainModelSource } from "./model_source.ts";
import { type DataSource, isLive, type PlainDataSource } from "./data_source.ts";
import type { Json } from "./trial.ts";

/** What all trials of a study have in common. */
export interface Experiment {
  /** What its trials' settings mean: a name in `kinds.ts`. */
  kind: string;
  model: ModelSource;
  data: DataSource;
  options: TrialOptions;
  /** The stages whose input is wanted sooner or later: whoever computes one of them keeps the others on the way. */
  cuts?: readonly string[];
  /**
   * What a training is judged by: the weights of its `"best"` epoch (the default), or those of the `"last"` one, on the
   * training data too. The last one is chosen by nobody, so that it says what a setting does and not what luck did.
   */
  judge?: "best" | "last";
  /** What its kind is to measure of the networks while they are trained, in its own terms; plain data. */
  watch?: Json;
}

/** An {@linkcode Experiment} that can travel: plain data. */
export interface PlainExperiment extends Experiment {
  model: PlainModelSource;
  data: PlainDataSource;
}

/** Options of `fit` that all trials share; plain data. */
export type TrialOptions =
  & { optimizer?: "adam" | "adamw" | "sgd" }
  & Pick<
    FitOptions,
    "batchSize" | "learningRate" | "weightDecay" | "labelSmoothing" | "flip" | "variants" | "transforms" | "cache"
  >;

/** Whether an experiment is plain data, so that other processes can make it again. */
export function isPlain(experiment: Experiment): experiment is PlainExperiment {
  return whyNotPlain(experiment) === undefined;
}

/** What ties an experiment to this process; undefined where nothing does. */
export function whyNotPlain({ model, data }: Experiment): string | undefined {
  if (typeof model === "function") return "the network is made by a function of this process";
  if (typeof data === "function") return "the data is made by a function of this process";
  if (!("module" in data) && isLive(data)) return "the data lives in this process alone";
  return undefined;
}
