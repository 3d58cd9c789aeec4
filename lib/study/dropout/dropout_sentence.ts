import { formatNumber } from "../../display/mod.ts";
import { bestSentence, brokenSentence } from "../ablation/ablation_study.ts";
import { type DropoutPlace, rateName } from "./dropout_plan.ts";
import type { DropoutRow } from "./dropout_study.ts";

/** The rows of each number of training pictures, fewest first: what was trained on other pictures is no match. */
export function bySize(rows: readonly DropoutRow[]): { size?: number; rows: DropoutRow[] }[] {
  const sizes = [...new Set(rows.map(({ setting }) => setting.size))];
  return sizes.map((size) => ({ size, rows: rows.filter(({ setting }) => setting.size === size) }));
}

/** For each number of training pictures: which rate is best, whether by more than noise, and what becomes of the gap; what broke off. */
export function dropoutSentence(rows: readonly DropoutRow[], validationCount: number): string {
  const lines = bySize(rows).flatMap(({ size, rows }) => {
    const named = rows.map((row) => ({ ...row, label: rateName(row.setting.rate) }));
    const best = bestSentence(named, validationCount);
    const pictures = size === undefined ? "" : `With ${formatNumber(size, "integer")} training pictures, `;
    return best ? [pictures + best + gapSentence(rows)] : [];
  });
  const broken = brokenSentence(rows);
  return [...(lines.length ? lines : ["No rate has been trained to the end yet."]), ...(broken ? [broken] : [])].join(
    "\n",
  );
}

/** How far training is ahead of validation with the lowest rate and with the highest. */
function gapSentence(rows: readonly DropoutRow[]): string {
  const complete = rows.filter((row) => row.complete);
  if (complete.length < 2) return "";
  const [low, high] = [complete[0], complete.at(-1)!].map(({ gap, setting }) =>
    `${(100 * gap.mean).toFixed(1)} points with ${rateName(setting.rate)}`
  );
  return ` The gap between training and validation is ${low}, ${high}.`;
}

/** Which layers drop, in words. */
export function placeSentence({ layers, putBefore, frozen }: DropoutPlace): string {
  const place = putBefore === undefined
    ? `Dropout in ${quoted(layers)}.`
    : `The network has no dropout of its own: it was put before its last nn.Linear, "${putBefore}".`;
  if (frozen.length === 0) return place;
  return `${place} Frozen, and so off: ${frozen.length === layers.length ? "all of it" : quoted(frozen)}.`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
