import { delay } from "../../weights/delay.ts";
import { type Runner, type Trial, type TrialEvent, type TrialResult, WorkerLost } from "./trial.ts";

/** Options of {@linkcode runWithRetries}. */
export interface RetryOptions {
  /** How often a trial is tried again; 2. */
  retries?: number;
  /** How long to wait before the first of these, in seconds; each further one waits twice as long; 1. */
  wait?: number;
}

/**
 * Runs a trial, and again where its worker broke down; each time a log event says so, and the trial's epochs are told anew
 * from the first that is computed again. What fails for another reason would fail again and is not tried.
 *
 * @throws {WorkerLost} the last one, where no retry helped
 */
export async function runWithRetries(
  runner: Runner,
  trial: Trial,
  watch: (event: TrialEvent) => void,
  signal: AbortSignal,
  { retries = 2, wait = 1 }: RetryOptions = {},
): Promise<TrialResult> {
  for (let tried = 0;; tried++) {
    try {
      return await runner.run(trial, watch, signal);
    } catch (error) {
      if (!(error instanceof WorkerLost) || tried >= retries || signal.aborted) throw error;
      watch({ kind: "log", text: `${error.message}\nTrying ${trial.id} again, ${tried + 1} of ${retries} times` });
      await delay(1000 * wait * 2 ** tried, signal);
    }
  }
}
