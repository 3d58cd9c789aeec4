import { createHash } from "node:crypto";
import type { Json, Trial } from "../trials/trial.ts";

/** What is varied in an ablation, as plain data: `{ rate: 0.5, size: 300 }`. What is undefined is as it would be anyway. */
export interface AblationSetting {
  readonly [name: string]: Json | undefined;
}

/** What an ablation tries: every setting from every seed. */
export interface AblationPlan<S extends AblationSetting> {
  settings: readonly S[];
  seeds: readonly number[];
  epochs: number;
  /** What a setting is called; no two are called the same. */
  labelOf(setting: S): string;
}

/** The trainings of one setting, one for each seed. */
export function trialsOf<S extends AblationSetting>(setting: S, { seeds, epochs }: AblationPlan<S>): Trial[] {
  const parts = Object.entries(setting).filter(([, value]) => value !== undefined);
  const name = parts.map(([key, value]) => `${key}${typeof value === "string" ? `-${value}` : JSON.stringify(value)}`);
  return seeds.map((seed) => ({
    id: [...(name.length ? [shortened(name.join("-"))] : []), `seed${seed}`].join("-").replaceAll(/[^\w.+-]/g, "_"),
    setting,
    seed,
    task: "train",
    epochs,
  }));
}

/** What files may be called: a list of many layers is longer than their names can be. */
function shortened(name: string): string {
  if (name.length <= 120) return name;
  return `${name.slice(0, 100)}-${createHash("sha256").update(name).digest("hex").slice(0, 12)}`;
}

/** All trainings, the first seed of every setting before the second of any. */
export function allTrials<S extends AblationSetting>(plan: AblationPlan<S>): Trial[] {
  const bySetting = plan.settings.map((setting) => trialsOf(setting, plan));
  return plan.seeds.flatMap((_, i) => bySetting.map((trials) => trials[i]));
}
