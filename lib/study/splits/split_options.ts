import type { Module } from "../../nn/mod.ts";
import { findStage } from "../../nn/stage.ts";
import { freeze, unfreeze } from "../../training/mod.ts";
import { checkStudyOptions, expectation, type StudyOptions, type StudySettings } from "../trials/study_options.ts";
import { splitsOf, type SplitStart } from "./split_setting.ts";

/** Options of `studySplits`. Those that are `fit`'s are the same for every training. */
export interface SplitOptions extends StudyOptions {
  /** The stages to split at, as in `freeze(model, { until })`; every one that has something to train unless given. */
  splits?: readonly string[];
  /**
   * `"grid"` (the default) trains every split to the end. `"halving"` gives every split a little, keeps the better half,
   * gives it as much again, and so on: it finds the best split at a fraction of the cost, and says what it left out.
   */
  search?: "grid" | "halving";
  /** The step size; `"find"` looks for that of each split with the range test; 0.001 for Adam, 0.01 for SGD. */
  learningRate?: number | "find";
  /**
   * What the part above a split starts from: its pretrained values (false, the default) or random ones, as in Yosinski et al.
   * 2014: `"AnB"` (or true) with what is below frozen, `"AnB+"` with it trained too. A list gives a curve for each.
   */
  reinit?: boolean | SplitStart | readonly SplitStart[];
}

/** {@linkcode SplitOptions} with the gaps filled. */
export interface SplitSettings extends StudySettings {
  splits?: readonly string[];
  search: "grid" | "halving";
  findRate: boolean;
  starts: readonly SplitStart[];
}

const starts: readonly SplitStart[] = ["pretrained", "AnB", "AnB+"];

/** Fills the gaps and checks what can be checked before anything is computed. */
export function checkSplitOptions(options: SplitOptions): SplitSettings {
  const settings = checkStudyOptions("study splits", options, ["splits", "search", "learningRate", "reinit"]);
  const { splits, search = "grid", learningRate, reinit = false } = options;
  const expect = expectation("study splits");
  const isNames = Array.isArray(splits) && splits.length > 0 && splits.every((one) => typeof one === "string");
  expect(splits === undefined || isNames, 'splits to be names of stages, such as ["layer3", "fc"]', splits);
  expect(search === "grid" || search === "halving", 'search to be "grid" or "halving"', search);
  const isRate = learningRate === undefined || learningRate === "find" || (learningRate > 0 && learningRate < Infinity);
  expect(isRate, 'learningRate to be a number above 0 or "find"', learningRate);
  const asked = reinit === false ? "pretrained" : reinit === true ? "AnB" : reinit;
  const list = typeof asked === "string" ? [asked] : asked;
  const areStarts = Array.isArray(list) && list.length > 0 && list.every((one) => starts.includes(one as SplitStart));
  expect(areStarts, 'reinit to be true, false, "pretrained", "AnB", "AnB+", or a list of these', reinit);
  expect(
    search === "grid" || list.length === 1,
    "one way to start where the search halves: splits are compared with their like",
    reinit,
  );
  return {
    ...settings,
    splits,
    search,
    findRate: learningRate === "find",
    starts: [...new Set(list)],
    trial: { ...settings.trial, ...(typeof learningRate === "number" ? { learningRate } : {}) },
  };
}

/** The splits to try, in the order in which the stages run. */
export function checkSplits(model: Module, asked: readonly string[] | undefined): string[] {
  const known = splitsOf(model);
  if (!asked) return known;
  const stages = model.stages();
  const counts = new Map(asked.map((until) => [until, freeze(model, { until }).trainable])); // throws where there is none
  unfreeze(model);
  const at = (until: string) => findStage(stages, until);
  return [...counts.keys()].sort((a, b) => at(a) - at(b) || counts.get(b)! - counts.get(a)!);
}
