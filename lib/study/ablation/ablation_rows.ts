import type { Epoch } from "../../training/mod.ts";
import { type Measured, measured } from "../trials/noise.ts";
import type { StudyFolder } from "../trials/study_folder.ts";
import type { Json, TrialResult } from "../trials/trial.ts";
import { type AblationPlan, type AblationSetting, trialsOf } from "./ablation_plan.ts";

/** One training of an ablation. */
export interface AblationRun {
  seed: number;
  history: Epoch[];
  /** Loss (nats) and accuracy on the training data in evaluation mode, after the last epoch. */
  training?: { loss: number; accuracy: number };
  /** What was measured of the network on the way. */
  measured?: Json;
  /** Why it broke off. */
  error?: string;
}

/** What came of one setting: accuracies are shares from 0 to 1 after the last epoch, over the seeds that came so far. */
export interface AblationRow<S extends AblationSetting = AblationSetting> {
  setting: S;
  /** What it is called. */
  label: string;
  parameters: number;
  trainable: number;
  /** On the validation data. */
  accuracy: Measured;
  /** On the training data, in evaluation mode. */
  training: Measured;
  /** How much better it does on what it was trained on: `training` less `accuracy`, seed by seed. */
  gap: Measured;
  /** Mean cross entropy on the validation data, in nats. */
  loss: Measured;
  /** The best validation accuracy of any epoch. */
  best: Measured;
  /** Whether at least one seed was trained to the end. */
  complete: boolean;
  /** How many seeds' trainings broke off, since the loss was no number any more. */
  broken: number;
  /** How long a training took, in seconds, without what trainings share. */
  seconds: number;
  /** The most memory that tensors took, in bytes. */
  peakBytes: number;
  runs: AblationRun[];
}

/** Gathers what a folder has of the plan's trials, in the plan's order. Settings without any are left out. */
export function ablationRows<S extends AblationSetting>(plan: AblationPlan<S>, folder: StudyFolder): AblationRow<S>[] {
  return plan.settings.flatMap((setting) => {
    const found = trialsOf(setting, plan).flatMap(({ id, seed }) => {
      const result = folder.result(id);
      return result ? [{ seed, result }] : [];
    });
    return found.length ? [rowOf(setting, plan.labelOf(setting), found, plan.epochs)] : [];
  });
}

function rowOf<S extends AblationSetting>(
  setting: S,
  label: string,
  found: readonly { seed: number; result: TrialResult }[],
  epochs: number,
): AblationRow<S> {
  const results = found.map(({ result }) => result);
  const whole = results.filter(({ history }) => history.length >= epochs);
  const last = ({ history }: TrialResult) => history.at(-1)!;
  const over = (some: readonly TrialResult[], value: (result: TrialResult) => number) => measured(some.map(value));
  const judged = whole.filter(({ training }) => training);
  return {
    setting,
    label,
    parameters: results[0].parameters,
    trainable: results[0].trainable,
    accuracy: over(whole, (one) => last(one).validationAccuracy ?? 0),
    training: over(judged, (one) => one.training!.accuracy),
    gap: over(judged, (one) => one.training!.accuracy - (last(one).validationAccuracy ?? 0)),
    loss: over(whole, (one) => last(one).validationLoss ?? 0),
    best: over(whole, (one) => one.best?.validationAccuracy ?? 0),
    complete: whole.length > 0,
    broken: results.filter(({ error }) => error !== undefined).length,
    seconds: over(results, ({ seconds, featureSeconds }) => seconds - featureSeconds).mean,
    peakBytes: Math.max(...results.map(({ peakBytes }) => peakBytes)),
    runs: found.map(({ seed, result: { history, training, measured, error } }) => ({
      seed,
      history,
      ...(training && { training }),
      ...(measured !== undefined && { measured }),
      ...(error !== undefined && { error }),
    })),
  };
}

/**
 * Those that can be compared: trained to the end from at least one seed, and, where there are such, from none that broke off,
 * since the seeds that are left of the others are the lucky ones.
 */
export function judgedRows<S extends AblationSetting>(rows: readonly AblationRow<S>[]): AblationRow<S>[] {
  const complete = rows.filter((row) => row.complete);
  const sound = complete.filter(({ broken }) => broken === 0);
  return sound.length ? sound : complete;
}

/** The best setting: of those that can be compared the one with the highest mean accuracy; of equal ones the first. */
export function bestSetting<S extends AblationSetting>(rows: readonly AblationRow<S>[]): AblationRow<S> | undefined {
  return judgedRows(rows).toSorted((a, b) => b.accuracy.mean - a.accuracy.mean)[0];
}
