import { sureness } from "../trials/noise.ts";
import { runTrials, type Workshop } from "../trials/schedule_trials.ts";
import { labelOf, questionOf, settingsOf, type SplitPlan, trialOf } from "./split_plan.ts";
import type { SplitSetting } from "./split_setting.ts";
import type { TrialResult } from "../trials/trial.ts";

/** A split that was not trained to the end, and why. */
export interface LeftOut {
  split: string;
  /** After how many epochs. */
  after: number;
  /** Its best validation accuracy until then, and that of the best split. */
  accuracy: number;
  best: number;
  /** How sure it is that it was behind at that moment, from 0.5 to 1. */
  sureness: number;
}

/** After how many epochs splits are compared: 1, 2, 4 … and at the end. */
export function rungs(epochs: number): number[] {
  const found: number[] = [];
  for (let at = 1; at < epochs; at *= 2) found.push(at);
  return [...found, epochs];
}

/**
 * Successive halving (Jamieson & Talwalkar 2016), with an eye on what things cost: every split gets one epoch, the better half
 * gets as much again, and so on; what is left at last is trained to the end. Two rules save the search from its own haste:
 *
 * - Splits that cost next to nothing (a head on frozen features) are trained to the end at once. They begin slowly, and to
 *   leave one out would save nothing.
 * - A split is left out before its half's turn only where it is surely behind the best one after the same epochs.
 *
 * Before all that a linear head is tried on the features below each split: almost free, and shown beside the result. It
 * decides nothing, since what features are worth as they are says little of what they become when more is trained.
 *
 * One seed is searched with; what is left at last is trained from the others too.
 *
 * @param validationCount how many pictures the accuracies are of
 */
export async function searchHalving(plan: SplitPlan, workshop: Workshop, validationCount: number): Promise<LeftOut[]> {
  const [seed, ...others] = plan.seeds;
  const all = settingsOf(plan);
  const probed = all.filter(({ until, start }) => start !== "AnB+" && plan.divided.includes(until));
  await runTrials(probed.map((setting) => questionOf(setting, seed, "probe")), workshop);

  const leftOut: LeftOut[] = [];
  /** Those that have had so many epochs, without any whose workers were lost; undefined where the study was ended before. */
  const train = async (settings: readonly SplitSetting[], pauseAfter?: number) => {
    const results = await runTrials(settings.map((setting) => trialOf(setting, seed, plan, pauseAfter)), workshop);
    const ended = workshop.signal.aborted || !workshop.mayBegin();
    return results.includes(undefined) && ended ? undefined : settings.filter((_, i) => results[i] !== undefined);
  };
  const resultOf = (setting: SplitSetting) => workshop.folder.result(trialOf(setting, seed, plan).id)!;
  const score = (after: number) => (setting: SplitSetting): Scored => ({
    setting,
    accuracy: accuracyBy(resultOf(setting), after),
  });

  const begun = await train(all, rungs(plan.epochs)[0]);
  const isCheap = cheapOnes(all, plan.costs!);
  const cheap = begun && await train(begun.filter(isCheap));
  if (!cheap) return leftOut;
  let dear = begun.filter((setting) => !isCheap(setting));
  for (const after of rungs(plan.epochs)) {
    const trained = await train(dear, after);
    if (!trained) return leftOut;
    dear = trained;
    if (after === plan.epochs) break;
    const best = Math.max(...[...cheap, ...dear].map((setting) => score(after)(setting).accuracy));
    const scored = dear.map(score(after)).sort((a, b) => b.accuracy - a.accuracy);
    const half = Math.ceil(scored.length / 2);
    const kept = scored.filter(({ accuracy }, i) => i < half && sureness(best, accuracy, validationCount) < SURE);
    for (const { setting, accuracy } of scored.filter((one) => !kept.includes(one))) {
      const sure = sureness(best, accuracy, validationCount);
      leftOut.push({ split: labelOf(setting), after, accuracy, best, sureness: sure });
      workshop.board.leaveOut(trialOf(setting, seed, plan), `${(100 * accuracy).toFixed(1)} % after epoch ${after}`);
    }
    dear = dear.filter((setting) => kept.some((one) => one.setting === setting));
  }
  const left = [...cheap, ...dear];
  await runTrials(others.flatMap((other) => left.map((setting) => trialOf(setting, other, plan))), workshop);
  return leftOut;
}

interface Scored {
  setting: SplitSetting;
  accuracy: number;
}

/** From this on a split is taken to be behind the best one. */
const SURE = 0.98;
/** What splits may cost together, as a share of the whole grid, to be trained to the end whatever they begin with. */
const CHEAP = 0.1;

/** Tells the splits that cost next to nothing. */
function cheapOnes(
  settings: readonly SplitSetting[],
  costs: ReadonlyMap<string, number>,
): (setting: SplitSetting) => boolean {
  // where everything trains, it costs the same wherever the split is
  const cost = ({ until, start }: SplitSetting) => start === "AnB+" ? 1 : costs.get(until)!;
  let left = CHEAP * settings.reduce((sum, setting) => sum + cost(setting), 0);
  const cheap = settings.toSorted((a, b) => cost(a) - cost(b)).filter((setting) => (left -= cost(setting)) >= 0);
  return (setting) => cheap.includes(setting);
}

/** The best validation accuracy of the first epochs. */
function accuracyBy({ history }: TrialResult, epochs: number): number {
  return Math.max(0, ...history.slice(0, epochs).map(({ validationAccuracy }) => validationAccuracy ?? 0));
}
