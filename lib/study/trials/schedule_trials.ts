import type { Board } from "./board.ts";
import { type RetryOptions, runWithRetries } from "./retry.ts";
import type { StudyFolder } from "./study_folder.ts";
import type { Runner, Trial, TrialResult } from "./trial.ts";

/** What trials need to be run. */
export interface Workshop {
  runner: Runner;
  folder: StudyFolder;
  board: Board;
  /** Ends the study: trials that run are ended after their step, no other one begins. */
  signal: AbortSignal;
  /** Whether another trial may begin: there may be a limit on time. */
  mayBegin(): boolean;
  /** How often a trial is tried again whose worker broke down. */
  retry?: RetryOptions;
}

/**
 * Runs trials, as many at a time as there are workers, leaving out those that are done already.
 *
 * @returns what came of each that was run to its end or had been before; undefined for the others
 */
export async function runTrials(trials: readonly Trial[], workshop: Workshop): Promise<(TrialResult | undefined)[]> {
  const { runner, folder, board, signal } = workshop;
  board.plan(trials);
  for (const trial of trials) if (folder.isDone(trial)) board.done(trial, folder.result(trial.id)!);
  const waiting = trials.filter((trial) => !folder.isDone(trial));
  let failed: unknown;
  const work = async () => {
    for (;;) {
      if (signal.aborted || failed !== undefined || !workshop.mayBegin()) return;
      const trial = waiting.shift();
      if (!trial) return;
      try {
        await runTrial(trial, workshop);
      } catch (error) {
        failed ??= error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(runner.slots, waiting.length)) }, work));
  if (failed !== undefined) throw failed;
  return trials.map((trial) => folder.isDone(trial) ? folder.result(trial.id) : undefined);
}

async function runTrial(trial: Trial, { runner, folder, board, signal, retry }: Workshop): Promise<void> {
  const placed = runner.sharesFiles ? { ...trial, folder: folder.trialFolder(trial.id) } : trial;
  board.begin(trial);
  try {
    const result = await runWithRetries(runner, placed, (event) => board.tell(trial, event), signal, retry);
    const whole = await folder.note(result);
    if (folder.isDone(trial)) board.done(trial, whole);
    else board.pause(trial, whole); // it was stopped
  } catch (error) {
    const { name } = error as Error;
    if (signal.aborted && name === "AbortError") return board.wait(trial); // it was stopped before it had begun
    if (name !== "WorkerLost") throw error;
    board.fail(trial, (error as Error).message); // the others go on; going on with the study later tries it again
  }
}
