import { join } from "node:path";
import type { Module } from "../../nn/mod.ts";
import { type SplitPlan, trialOf } from "./split_plan.ts";
import type { SplitRow } from "./split_rows.ts";
import type { StudyFolder } from "../trials/study_folder.ts";
import type { Trial } from "../trials/trial.ts";
import type { TrialRunner } from "../trials/trial_runner.ts";

/** Of each split's trainings the weights of the best one stay, and no checkpoint of one that is done. */
export async function keepTheBest(plan: SplitPlan, folder: StudyFolder, rows: readonly SplitRow[]): Promise<void> {
  for (const row of rows) {
    const best = bestTrial(row, plan, folder);
    for (const trial of trialsOf(row, plan)) {
      if (folder.isDone(trial)) await folder.tidy(trial.id, trial.id === best.id);
    }
  }
}

/** The trained network of a split: of its seeds the best one. Where its weights stayed elsewhere, it is trained again here. */
export async function keptNetwork(
  row: SplitRow,
  plan: SplitPlan,
  folder: StudyFolder,
  runner: TrialRunner,
): Promise<Module> {
  const trial = bestTrial(row, plan, folder);
  const path = folder.trialFolder(trial.id);
  const placed = { ...trial, pauseAfter: folder.result(trial.id)!.history.length, folder: path };
  const hasWeights = await Deno.stat(join(path, "best.pth")).then(() => true, () => false);
  if (!hasWeights) await runner.run(placed, () => {}, new AbortController().signal);
  return await runner.network(placed);
}

/** Of a split's trainings, those to the end where there are any, the one with the best epoch. */
function bestTrial(row: SplitRow, plan: SplitPlan, folder: StudyFolder): Trial {
  const accuracy = ({ id }: Trial) => folder.result(id)?.best?.validationAccuracy ?? -1;
  const least = row.complete ? plan.epochs : 0;
  return trialsOf(row, plan).filter(({ id }) => (folder.result(id)?.history.length ?? -1) >= least)
    .toSorted((a, b) => accuracy(b) - accuracy(a))[0];
}

function trialsOf({ until, start }: SplitRow, plan: SplitPlan): Trial[] {
  return plan.seeds.map((seed) => trialOf({ until, start }, seed, plan));
}
