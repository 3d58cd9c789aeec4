import { join } from "node:path";
import type { Module } from "../../nn/mod.ts";
import type { StudyFolder } from "./study_folder.ts";
import type { Trial } from "./trial.ts";
import type { TrialRunner } from "./trial_runner.ts";

/** Of the trainings of one setting the weights of the best one stay, and no checkpoint of one that is done. */
export async function keepTheBest(trials: readonly Trial[], folder: StudyFolder): Promise<void> {
  const best = bestTrial(trials, folder);
  for (const trial of trials) if (folder.isDone(trial)) await folder.tidy(trial.id, trial.id === best?.id);
}

/**
 * The trained network of a setting: of its seeds the best one. Where its weights stayed elsewhere, it is trained again here.
 *
 * @param trials those of the setting, at least one of which has been trained
 */
export async function keptNetwork(
  trials: readonly Trial[],
  folder: StudyFolder,
  runner: TrialRunner,
): Promise<Module> {
  const trial = bestTrial(trials, folder)!;
  const path = folder.trialFolder(trial.id);
  const placed = { ...trial, pauseAfter: folder.result(trial.id)!.history.length, folder: path };
  const hasWeights = await Deno.stat(join(path, "best.pth")).then(() => true, () => false);
  if (!hasWeights) await runner.run(placed, () => {}, new AbortController().signal);
  return await runner.network(placed);
}

/** Of a setting's trainings, those to the end where there are any, the one with the best epoch. */
function bestTrial(trials: readonly Trial[], folder: StudyFolder): Trial | undefined {
  const judged = trials.filter(({ id }) => folder.result(id)?.best);
  const finished = judged.filter(({ id, epochs }) => folder.result(id)!.history.length >= epochs);
  const accuracy = ({ id }: Trial) => folder.result(id)!.best!.validationAccuracy ?? -1;
  return (finished.length ? finished : judged).toSorted((a, b) => accuracy(b) - accuracy(a))[0];
}
