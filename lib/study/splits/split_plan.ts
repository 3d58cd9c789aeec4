import type { SplitSetting, SplitStart } from "./split_setting.ts";
import type { Trial } from "../trials/trial.ts";

/** What a split study is to try. */
export interface SplitPlan {
  /** The stages to split at, in the order in which they run. */
  splits: readonly string[];
  /** Those of them that have something frozen below. */
  divided: readonly string[];
  starts: readonly SplitStart[];
  seeds: readonly number[];
  epochs: number;
  /** By split, what an epoch costs relative to the others: for a search that minds it. */
  costs?: ReadonlyMap<string, number>;
  /** By split, the learning rate that was found for it. */
  rates?: ReadonlyMap<string, number>;
}

/** What a split is called. */
export function labelOf({ until, start }: SplitSetting): string {
  return start === "pretrained" ? until : `${until} (${start})`;
}

/** The training of one split from one seed, until it has had so many epochs. */
export function trialOf(setting: SplitSetting, seed: number, { epochs, rates }: SplitPlan, pauseAfter = epochs): Trial {
  const id = `${setting.until}${setting.start === "pretrained" ? "" : `-${setting.start}`}-seed${seed}`;
  return {
    id: id.replaceAll(/[^\w.+-]/g, "_"),
    setting,
    seed,
    task: "train",
    epochs,
    pauseAfter,
    learningRate: rates?.get(labelOf(setting)),
  };
}

/** A question about a split that comes before its training: which learning rate, or what its features are worth. */
export function questionOf(setting: SplitSetting, seed: number, task: "rate" | "probe"): Trial {
  const { id } = trialOf(setting, seed, { splits: [], divided: [], starts: [], seeds: [], epochs: 1 });
  return { id: `${id}-${task}`, setting, seed, task, epochs: 0 };
}

/** All splits with all starts, the ones with the least to train first: their results are there soonest. */
export function settingsOf({ splits, starts }: SplitPlan): SplitSetting[] {
  return starts.flatMap((start) => splits.toReversed().map((until) => ({ until, start })));
}
