import { runTrials, type Workshop } from "../trials/schedule_trials.ts";
import { settingsOf, type SplitPlan, trialOf } from "./split_plan.ts";

/** Trains every split from every seed to the end; the first seed of all splits comes before the second of any. */
export async function searchGrid(plan: SplitPlan, workshop: Workshop): Promise<void> {
  await runTrials(
    plan.seeds.flatMap((seed) => settingsOf(plan).map((setting) => trialOf(setting, seed, plan))),
    workshop,
  );
}
