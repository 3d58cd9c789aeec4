import { formatNumber } from "../../display/mod.ts";
import { bestSetting } from "../ablation/ablation_rows.ts";
import { bestSentence, brokenSentence } from "../ablation/ablation_study.ts";
import { measured, noiseOf, noiseOfDifference } from "../trials/noise.ts";
import { dimensions, normLabels } from "./batch_norm_plan.ts";
import type { Norm } from "./batch_norm_setting.ts";
import type { BatchNormRow } from "./batch_norm_study.ts";
import { finalDistances } from "./layer_curves.ts";

/** What the accuracies of a study are of. */
export interface Judges {
  validationCount: number;
  /** The share of the largest class among the validation pictures: what naming it always would be right on. */
  chance: number;
}

/**
 * Which way is best at its best setting, and whether by more than noise; what broke off or learnt nothing; how far frozen
 * statistics moved, and what that cost.
 */
export function batchNormSentence(rows: readonly BatchNormRow[], judges: Judges): string {
  const best = bestSentence(bestOfEach(rows), judges.validationCount);
  const sentences = [
    best ?? "No setting has been trained to the end yet.",
    brokenSentence(rows),
    chanceSentence(rows, judges),
    rateSentence(rows, judges),
    ...rows.filter(({ setting }) => setting.norm === "moving").map((row) => driftSentence(row, rows, judges)),
  ];
  return sentences.filter((sentence) => sentence !== undefined).join("\n");
}

/** Of each norm the best setting that was trained to the end. */
export function bestOfEach(rows: readonly BatchNormRow[]): BatchNormRow[] {
  const norms = new Set(rows.map(({ setting }) => setting.norm));
  return [...norms].flatMap((norm) =>
    bestSetting(rows.filter(({ setting }) => setting.norm === norm)) as BatchNormRow ?? []
  );
}

/** Whether a setting's accuracy is what chance allows on so many pictures for a network that has learnt nothing. */
export function isAtChance({ complete, accuracy }: BatchNormRow, { validationCount, chance }: Judges): boolean {
  const deviation = Math.sqrt(chance * (1 - chance) / Math.max(1, validationCount));
  return complete && accuracy.mean <= chance + 1.645 * deviation;
}

/** Of a row in another arrangement the one that differs in nothing else; a momentum that one of the two has not is no difference. */
export function counterpart(
  row: BatchNormRow,
  norm: Norm,
  rows: readonly BatchNormRow[],
): BatchNormRow | undefined {
  const same = (a: unknown, b: unknown) => a === undefined || b === undefined || a === b;
  return rows.find(({ setting }) =>
    setting.norm === norm && dimensions.every(({ key }) => same(setting[key], row.setting[key]))
  );
}

function chanceSentence(rows: readonly BatchNormRow[], judges: Judges): string | undefined {
  const idle = rows.filter((row) => isAtChance(row, judges)).map(({ label, accuracy }) =>
    `${label} (${percent(accuracy.mean)})`
  );
  if (idle.length === 0) return undefined;
  return `Ended no better than chance allows, ${percent(judges.chance)} being the largest class: ${idle.join("; ")}.`;
}

/** Up to which learning rate each way has learnt something, where rates were varied. */
function rateSentence(rows: readonly BatchNormRow[], judges: Judges): string | undefined {
  if (new Set(rows.map(({ setting }) => setting.learningRate)).size < 2) return undefined;
  const norms = [...new Set(rows.map(({ setting }) => setting.norm))];
  const largest = norms.map((norm) => {
    const learnt = rows.filter((row) => row.setting.norm === norm && row.complete && !isAtChance(row, judges));
    const rate = Math.max(...learnt.map(({ setting }) => setting.learningRate!));
    return `${learnt.length ? rate : "none"} ${normLabels[norm]}`;
  });
  return `The largest learning rate that something was learnt with: ${largest.join(", ")}.`;
}

/** How far the statistics of the frozen part have moved, and what that did to the accuracy. */
function driftSentence(row: BatchNormRow, rows: readonly BatchNormRow[], judges: Judges): string | undefined {
  const layers = finalDistances(row, "drift", "frozen");
  if (layers.length === 0) return undefined;
  const moved = measured(layers.map(({ mean }) => mean.mean)).mean;
  const farthest = layers.reduce((top, layer) => layer.mean.mean > top.mean.mean ? layer : top);
  const several = rows.filter(({ setting }) => setting.norm === "moving").length > 1;
  const text =
    `${several ? `${row.label}: the` : "The"} means of the ${layers.length} frozen batch ${
      layers.length === 1 ? "norm" : "norms"
    } moved by ` +
    `${formatNumber(moved, "fixed")} standard deviations on average, farthest at "${farthest.name}" ` +
    `(${formatNumber(farthest.mean.mean, "fixed")}), their variances by a factor of ` +
    Math.exp(measured(layers.map(({ variance }) => variance.mean)).mean).toFixed(2);
  const kept = counterpart(row, "frozen", rows);
  if (!kept?.complete || !row.complete) return `${text}.`;
  const cost = 100 * (kept.accuracy.mean - row.accuracy.mean);
  const { deviation } = noiseOf([kept.accuracy, row.accuracy], judges.validationCount);
  const noise = 100 * noiseOfDifference(deviation, kept.accuracy, row.accuracy);
  const change = cost >= 0 ? "less right than" : "more right than";
  return `${text}; ${percent(row.accuracy.mean)} right, ${Math.abs(cost).toFixed(1)} ± ${noise.toFixed(1)} points ` +
    `${change} with statistics kept (${percent(kept.accuracy.mean)}).`;
}

function percent(share: number): string {
  return formatNumber(share, "percent").replace("%", " %");
}
