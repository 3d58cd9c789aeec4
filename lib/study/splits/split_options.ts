import { checkOptions } from "../../nn/check_options.ts";
import { describeValue, type Module } from "../../nn/mod.ts";
import { freeze, unfreeze } from "../../training/mod.ts";
import type { TrialOptions } from "../trials/experiment.ts";
import { splitsOf, type SplitStart } from "./split_setting.ts";
import type { WorkersOption } from "../workers/workers.ts";

/** Options of `studySplits`. Those of {@linkcode TrialOptions} are `fit`'s and the same for every training. */
export interface SplitOptions extends Omit<TrialOptions, "learningRate"> {
  /** The stages to split at, as in `freeze(model, { until })`; every one that has something to train unless given. */
  splits?: readonly string[];
  /**
   * `"grid"` (the default) trains every split to the end. `"halving"` gives every split a little, keeps the better half,
   * gives it as much again, and so on: it finds the best split at a fraction of the cost, and says what it left out.
   */
  search?: "grid" | "halving";
  /** Passes over the training data; 5. */
  epochs?: number;
  /** How many times each split is trained, or the seeds themselves; 1. More of them measure the noise. */
  seeds?: number | readonly number[];
  /** The step size; `"find"` looks for that of each split with the range test; 0.001 for Adam, 0.01 for SGD. */
  learningRate?: number | "find";
  /**
   * What the part above a split starts from: its pretrained values (false, the default) or random ones, as in Yosinski et al.
   * 2014: `"AnB"` (or true) with what is below frozen, `"AnB+"` with it trained too. A list gives a curve for each.
   */
  reinit?: boolean | SplitStart | readonly SplitStart[];
  /** The number of seconds after which no other training begins; none. */
  budget?: number;
  /** Computes in so many other processes of this machine, or on a cluster: `ray("http://head:8265")`; in this one unless given. */
  workers?: WorkersOption;
  /**
   * Where all that is done is kept. The same call with the same folder goes on where it was broken off, even by a kill. Unless
   * given, it is kept until the process ends.
   */
  folder?: string;
  /** Whether there is a display; true. */
  display?: boolean;
  /** Ends the study early, as `stop()` does. */
  signal?: AbortSignal;
}

/** {@linkcode SplitOptions} with the gaps filled. */
export interface SplitSettings {
  splits?: readonly string[];
  search: "grid" | "halving";
  epochs: number;
  seeds: readonly number[];
  findRate: boolean;
  starts: readonly SplitStart[];
  budget: number;
  workers?: WorkersOption;
  folder?: string;
  display: boolean;
  /** What goes to every `fit`. */
  trial: TrialOptions;
}

const trialNames = [
  "optimizer",
  "batchSize",
  "weightDecay",
  "labelSmoothing",
  "flip",
  "variants",
  "transforms",
  "cache",
] as const;
const names: (keyof SplitOptions)[] = [
  "splits",
  "search",
  "epochs",
  "seeds",
  "learningRate",
  "reinit",
  "budget",
  "workers",
  "folder",
  "display",
  "signal",
  ...trialNames,
];
const starts: readonly SplitStart[] = ["pretrained", "AnB", "AnB+"];

/** Fills the gaps and checks what can be checked before anything is computed. */
export function checkSplitOptions(options: SplitOptions): SplitSettings {
  checkOptions("study splits", options, names);
  const { splits, search = "grid", epochs = 5, seeds = 1, learningRate, reinit = false, budget = Infinity } = options;
  const expect = (holds: boolean, expected: string, found: unknown) => {
    if (holds) return;
    const text = typeof found === "function" ? describeValue(found) : JSON.stringify(found);
    throw new RangeError(`Cannot study splits: expected ${expected}, found ${text}`);
  };
  const isWhole = (value: unknown, least: number) => Number.isInteger(value) && (value as number) >= least;
  const isNames = Array.isArray(splits) && splits.length > 0 && splits.every((one) => typeof one === "string");
  expect(splits === undefined || isNames, 'splits to be names of stages, such as ["layer3", "fc"]', splits);
  expect(search === "grid" || search === "halving", 'search to be "grid" or "halving"', search);
  expect(isWhole(epochs, 1), "epochs to be a whole number ≥ 1", epochs);
  const list = typeof seeds === "number" ? Array.from({ length: isWhole(seeds, 1) ? seeds : 0 }, (_, i) => i) : seeds;
  const areSeeds = Array.isArray(list) && list.length > 0 && list.every((one) => isWhole(one, -Infinity));
  expect(areSeeds, "seeds to be how many (≥ 1), or a list of whole numbers", seeds);
  const isRate = learningRate === undefined || learningRate === "find" || (learningRate > 0 && learningRate < Infinity);
  expect(isRate, 'learningRate to be a number above 0 or "find"', learningRate);
  const asked = reinit === false
    ? ["pretrained"]
    : reinit === true
    ? ["AnB"]
    : typeof reinit === "string"
    ? [reinit]
    : reinit;
  const areStarts = Array.isArray(asked) && asked.length > 0 &&
    asked.every((one) => starts.includes(one as SplitStart));
  expect(areStarts, 'reinit to be true, false, "pretrained", "AnB", "AnB+", or a list of these', reinit);
  expect(
    search === "grid" || asked.length === 1,
    "one way to start where the search halves: splits are compared with their like",
    reinit,
  );
  expect(budget > 0, "budget to be a number of seconds above 0", budget);
  const isFolder = options.folder === undefined || (typeof options.folder === "string" && options.folder !== "");
  expect(isFolder, "folder to be a path", options.folder);
  return {
    splits,
    search,
    epochs,
    seeds: [...new Set(list)],
    findRate: learningRate === "find",
    starts: [...new Set(asked as SplitStart[])],
    budget,
    workers: options.workers,
    folder: options.folder,
    display: options.display ?? true,
    trial: {
      ...Object.fromEntries(trialNames.flatMap((name) => options[name] === undefined ? [] : [[name, options[name]]])),
      ...(typeof learningRate === "number" ? { learningRate } : {}),
    },
  };
}

/** The splits to try, in the order in which the stages run. */
export function checkSplits(model: Module, asked: readonly string[] | undefined): string[] {
  const known = splitsOf(model);
  if (!asked) return known;
  const stages = model.stages().map(({ name }) => name);
  const counts = new Map(asked.map((until) => [until, freeze(model, { until }).trainable])); // throws where there is none
  unfreeze(model);
  const at = (until: string) => stages.findIndex((name) => until === name || until.startsWith(`${name}.`));
  return [...counts.keys()].sort((a, b) => at(a) - at(b) || counts.get(b)! - counts.get(a)!);
}
