import { type Module, Parameter, type Stored } from "../../nn/mod.ts";
import { findStage } from "../../nn/stage.ts";
import { freeze, unfreeze } from "../../training/mod.ts";
import type { Json } from "../trials/trial.ts";

/**
 * What the part above a split starts from. `"pretrained"`: its pretrained values. The other two are random, as in the
 * transferability study of Yosinski et al. (2014): `"AnB"` freezes the pretrained part below, `"AnB+"` trains it too.
 */
export type SplitStart = "pretrained" | "AnB" | "AnB+";

/** One of the ways to divide a network: all that runs before `until` is as it was pretrained, the rest is trained. */
export interface SplitSetting {
  readonly [name: string]: Json | undefined;
  /** The first stage that trains, as in `freeze(model, { until })`. */
  until: string;
  start: SplitStart;
}

/** Freezes a pretrained network below a split, and gives the part above random values where the setting says so. */
export function arrangeSplit(model: Module, { until, start }: SplitSetting): void {
  freeze(model, { until });
  if (start === "pretrained") return;
  for (const module of model.modules().filter((module) => !module.frozen)) {
    for (const stored of ownState(module)) {
      // a container that is no longer frozen may have parameters of its own that are
      if (!(stored instanceof Parameter) || stored.requiresGrad) stored.reset();
    }
  }
  if (start === "AnB+") unfreeze(model);
}

/** The stage whose input no training changes; undefined where there is none but the pictures. */
export function cutOfSplit(model: Module, { until, start }: SplitSetting): string | undefined {
  if (start === "AnB+") return undefined;
  const stages = model.stages();
  const position = findStage(stages, until);
  return position > 0 ? stages[position].name : undefined;
}

/** The state of a module without that of its children. */
function ownState(module: Module): Stored[] {
  return module.namedState().filter(([path]) => !path.includes(".")).map(([, stored]) => stored);
}

/** The stages that a network can be split at: those with something to train, in the order in which they run. */
export function splitsOf(model: Module): string[] {
  const named = model.namedParameters();
  return model.stages().filter(({ modules }) =>
    named.some(([path]) => modules.some((part) => path === part || path.startsWith(`${part}.`)))
  ).map(({ name }) => name);
}
