import { interrupted, onInterrupt, type Spec } from "../../display/mod.ts";
import type { Split } from "../../data/types.ts";
import { openRunner } from "../workers/workers.ts";
import { Board } from "./board.ts";
import type { Experiment } from "./experiment.ts";
import { RunningStudy } from "./running_study.ts";
import type { Workshop } from "./schedule_trials.ts";
import { StudyFolder } from "./study_folder.ts";
import type { StudySettings } from "./study_options.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import type { Json, Runner, Trial } from "./trial.ts";
import { TrialRunner } from "./trial_runner.ts";

/** A study whose network and data have been looked at, ready to be conducted. */
export interface Undertaking {
  experiment: Experiment;
  data: Split;
  /** What it is about, above its board. */
  title: string;
  /** What a trial is called on the board. */
  titleOf(trial: Trial): string;
  /** What must be the same for it to go on in its folder. */
  identity: { [name: string]: Json };
}

/** A {@linkcode Workshop} with what a study's end needs. */
export interface Conducted extends Workshop {
  /** Makes networks and trains them in this process, also where others train the trials. */
  local: TrialRunner;
  /** How long the study has gone on in this process, in seconds. */
  seconds(): number;
  /** Whether it was ended early. */
  stopped(): boolean;
}

/**
 * Lets a study go on by itself; the stop button, `stop()` and the caller's signal end it.
 *
 * @param study gets the signal that ends it
 */
export function startStudy<S extends { toString(): string }>(
  signal: AbortSignal | undefined,
  study: (signal: AbortSignal) => Promise<S>,
): RunningStudy<S> {
  const stop = new AbortController();
  signal?.addEventListener("abort", () => stop.abort(), { once: true, signal: stop.signal });
  if (signal?.aborted) stop.abort();
  const run = async () => {
    const forgetInterrupt = onInterrupt(() => stop.abort());
    if (interrupted()) stop.abort();
    try {
      return await study(stop.signal);
    } finally {
      forgetInterrupt();
    }
  };
  return new RunningStudy(run(), stop);
}

/**
 * Opens a study's board, folder and workers, has its work done, and shows the result in the board's place.
 *
 * @param work runs trials and makes the result of them
 */
export async function conduct<S extends { spec(): Spec | Promise<Spec> }>(
  { experiment, data, title, titleOf, identity }: Undertaking,
  { workers, folder: path, budget, display }: StudySettings,
  signal: AbortSignal,
  work: (workshop: Conducted) => Promise<S>,
): Promise<S> {
  const started = performance.now();
  const local = new TrialRunner({ ...experiment, data });
  const runner: Runner = workers === undefined ? local : await openRunner(experiment, workers);
  const board = new Board(title, titleOf, display);
  try {
    const folder = await StudyFolder.open(path ?? await temporaryFolder(), identity);
    const seconds = () => (performance.now() - started) / 1000;
    const mayBegin = () => seconds() < budget;
    const stopped = () => signal.aborted || !mayBegin();
    const result = await work({ runner, folder, board, signal, mayBegin, local, seconds, stopped });
    await board.end(await result.spec());
    return result;
  } catch (error) {
    await board.fall();
    throw error;
  } finally {
    await local.close();
    if (runner !== local) await runner.close();
  }
}
