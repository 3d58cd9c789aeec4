import type { Module } from "../../nn/mod.ts";
import { setDropout } from "../../surgery/mod.ts";
import { freeze } from "../../training/mod.ts";
import type { AblationSetting } from "../ablation/ablation_plan.ts";
import { cutOfSplit } from "../splits/split_setting.ts";

/** The layers that `setDropout` can put in. */
export type DropoutType = "Dropout" | "Dropout2d" | "AlphaDropout";

/** With how much dropout, and from how many pictures, a network is trained. */
export interface DropoutSetting extends AblationSetting {
  /** The probability with which a unit is dropped. */
  rate: number;
  /** How many training pictures there are; all unless given. */
  size?: number;
  /** Which layers drop, as in `setDropout`; those that the network has unless given. */
  where?: string | readonly string[];
  /** What is put in where there is none. */
  type?: DropoutType;
  /** All before this stage is frozen, and drops nothing. */
  until?: string;
}

/** Gives a fresh network its dropout, and then freezes it: a layer that was put into a frozen part is frozen too. */
export function arrangeDropout(model: Module, { rate, where, type, until }: DropoutSetting): void {
  setDropout(model, rate, where, { type });
  if (until !== undefined) freeze(model, { until });
}

/** The stage whose input no training changes; undefined where there is none but the pictures. */
export function cutOfDropout(model: Module, { until }: DropoutSetting): string | undefined {
  return until === undefined ? undefined : cutOfSplit(model, { until, start: "pretrained" });
}
