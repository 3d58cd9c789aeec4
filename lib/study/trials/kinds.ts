import type { Module } from "../../nn/mod.ts";
import { arrangeSplit, cutOfSplit, type SplitSetting } from "../splits/split_setting.ts";
import type { Trial } from "./trial.ts";

/** What a kind of study does with a fresh network, by its trials' settings. */
export interface Kind {
  /** Freezes and changes the network as the setting says. */
  arrange(model: Module, setting: Trial["setting"]): void;
  /** The stage below which everything stays frozen; undefined where nothing does. */
  cut(model: Module, setting: Trial["setting"]): string | undefined;
}

/** The kinds of studies, by name: a worker in another process finds here what a trial's setting means. */
export const kinds: Readonly<Record<string, Kind>> = {
  splits: {
    arrange: (model, setting) => arrangeSplit(model, setting as SplitSetting),
    cut: (model, setting) => cutOfSplit(model, setting as SplitSetting),
  },
};
