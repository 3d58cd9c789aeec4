import type { Epoch } from "../../training/mod.ts";
import type { LeftOut } from "./halving.ts";
import { type Measured, measured } from "../trials/noise.ts";
import { labelOf, questionOf, settingsOf, type SplitPlan, trialOf } from "./split_plan.ts";
import type { SplitStart } from "./split_setting.ts";
import type { StudyFolder } from "../trials/study_folder.ts";

/** What came of one split. */
export interface SplitRow {
  /** The first stage that trains. */
  until: string;
  /** What the part above starts from. */
  start: SplitStart;
  /** What it is called. */
  label: string;
  parameters: number;
  trainable: number;
  /** The best validation accuracy over seeds: mean, standard deviation, how many. */
  accuracy: Measured;
  /** Whether it was trained to the end. */
  complete: boolean;
  /** How many epochs each seed's training has had at least. */
  epochs: number;
  /** How long training took for each seed, in seconds, without what all splits share. */
  seconds: number;
  /** The most memory that tensors took, in bytes. */
  peakBytes: number;
  /** The validation accuracy of a linear head on the features below, where it was asked for. */
  probe?: number;
  learningRate?: number;
  /** Why it was not trained to the end. */
  leftOut?: LeftOut;
  /** Why a training broke off. */
  error?: string;
  /** Where the features below were kept. */
  cachedOn?: "memory" | "disk";
  curves: { seed: number; history: Epoch[] }[];
}

/** Gathers what a folder has of the plan's trials, in the order in which the stages run. Splits without any are left out. */
export function splitRows(plan: SplitPlan, folder: StudyFolder, leftOut: readonly LeftOut[]): SplitRow[] {
  const rows: SplitRow[] = [];
  for (const setting of settingsOf({ ...plan, splits: plan.splits.toReversed() })) {
    const label = labelOf(setting);
    const found = plan.seeds.map((seed) => ({ seed, result: folder.result(trialOf(setting, seed, plan).id) }));
    const known = found.flatMap(({ seed, result }) => result?.best ? [{ seed, result }] : []);
    const failure = found.find(({ result }) => result?.error)?.result?.error;
    const any = known[0]?.result ?? found.find(({ result }) => result)?.result;
    if (!any) continue;
    const finished = known.filter(({ result }) => result.history.length >= plan.epochs);
    const used = finished.length ? finished : known;
    const results = used.map(({ result }) => result);
    rows.push({
      ...setting,
      label,
      parameters: any.parameters,
      trainable: any.trainable,
      accuracy: measured(results.map(({ best }) => best!.validationAccuracy ?? 0)),
      complete: finished.length > 0,
      epochs: results.length ? Math.min(...results.map(({ history }) => history.length)) : 0,
      seconds: results.reduce((sum, { seconds, featureSeconds }) => sum + seconds - featureSeconds, 0) /
        Math.max(1, results.length),
      peakBytes: Math.max(any.peakBytes, ...results.map(({ peakBytes }) => peakBytes)),
      probe: folder.result(questionOf(setting, plan.seeds[0], "probe").id)?.probe,
      learningRate: plan.rates?.get(label),
      leftOut: leftOut.find(({ split }) => split === label),
      error: failure,
      cachedOn: any.cachedOn,
      curves: used.map(({ seed, result }) => ({ seed, history: result.history })),
    });
  }
  return rows;
}
