import type { Split } from "../../data/types.ts";
import type { Module } from "../../nn/mod.ts";
import {
  arrangeBatchNorm,
  type BatchNormSetting,
  cutOfBatchNorm,
  optionsOfBatchNorm,
} from "../batch_norm/batch_norm_setting.ts";
import { watchBatchNorm, type WatchedLayers } from "../batch_norm/watch_batch_norm.ts";
import { arrangeDropout, cutOfDropout, type DropoutSetting } from "../dropout/dropout_setting.ts";
import { arrangeSplit, cutOfSplit, type SplitSetting } from "../splits/split_setting.ts";
import type { TrialOptions } from "./experiment.ts";
import type { Json, Trial } from "./trial.ts";

/** What a kind of study does with a fresh network, by its trials' settings. */
export interface Kind {
  /** Freezes and changes the network as the setting says; `data` is what it is to be trained on. */
  arrange(model: Module, setting: Trial["setting"], data: Split): void | Promise<void>;
  /** The stage below which everything stays frozen; undefined where nothing does. */
  cut(model: Module, setting: Trial["setting"]): string | undefined;
  /** Options of `fit` that are this setting's own. */
  options?(setting: Trial["setting"]): TrialOptions;
  /** How many training samples the setting asks for; all unless given. The trial's seed says which. */
  size?(setting: Trial["setting"]): number | undefined;
  /**
   * Looks at the network while it is trained. Such a trial is trained anew where it was broken off.
   *
   * @param what the experiment's `watch`
   */
  watch?(model: Module, data: Split, options: TrialOptions, what?: Json): Watch | Promise<Watch>;
}

/** What is measured of a network while it is trained, besides its accuracy. */
export interface Watch {
  /** Called with 0 before the training, and after each epoch with its number. */
  epoch(number: number): void | Promise<void>;
  /** All that was measured. */
  measured(): Json;
}

/** The kinds of studies, by name: a worker in another process finds here what a trial's setting means. */
export const kinds: Readonly<Record<string, Kind>> = {
  batchNorm: {
    arrange: (model, setting, data) => arrangeBatchNorm(model, setting as BatchNormSetting, data),
    cut: (model, setting) => cutOfBatchNorm(model, setting as BatchNormSetting),
    options: (setting) => optionsOfBatchNorm(setting as BatchNormSetting),
    watch: (model, data, options, what) => watchBatchNorm(model, data, options, what as WatchedLayers | undefined),
  },
  dropout: {
    arrange: (model, setting) => arrangeDropout(model, setting as DropoutSetting),
    cut: (model, setting) => cutOfDropout(model, setting as DropoutSetting),
    size: ({ size }) => size as number | undefined,
  },
  splits: {
    arrange: (model, setting) => arrangeSplit(model, setting as SplitSetting),
    cut: (model, setting) => cutOfSplit(model, setting as SplitSetting),
  },
};
