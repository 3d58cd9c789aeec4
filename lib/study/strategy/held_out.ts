import { stratify } from "../../data/stratify.ts";
import { type FeatureMatrix, joinRows, takeRows } from "../transfer/feature_matrix.ts";
import { linearProbe } from "../transfer/probe.ts";
import type { Pause } from "../transfer/spectrum.ts";

/** With fewer validation samples than this an accuracy is too uncertain to tell stages apart. */
const ENOUGH = 200;

/** The samples of a task and which of them a probe is judged by, in turn. */
export interface HeldOut {
  /** Training samples first, then those of the validation. */
  labels: Int32Array;
  /** How many of them are training samples. */
  trainCount: number;
  classes: number;
  /** The positions that are held out, one list a fold. */
  folds: readonly Int32Array[];
}

/**
 * Which samples judge a probe: the validation samples, or, where those are few, all samples in five folds, so that each of
 * them is held out once. The folds are the same every time.
 */
export function heldOut(train: Int32Array, validation: Int32Array, classes: number): HeldOut {
  const labels = Int32Array.from([...train, ...validation]);
  const own = Int32Array.from(validation, (_, i) => train.length + i);
  const fifths = () => stratify(labels, classes, [0.2, 0.2, 0.2, 0.2], 0).filter((fold) => fold.length > 0);
  return { labels, trainCount: train.length, classes, folds: own.length >= ENOUGH ? [own] : fifths() };
}

/** How many samples judge a probe. */
export function judgeCount({ folds }: HeldOut): number {
  return folds.reduce((sum, fold) => sum + fold.length, 0);
}

/** The share of those samples that are of the largest class: what can be had without looking. */
export function chance({ folds, labels, classes }: HeldOut): number {
  const counts = new Int32Array(classes);
  for (const fold of folds) for (const i of fold) counts[labels[i]]++;
  return counts.reduce((a, b) => Math.max(a, b), 0) / folds.reduce((sum, fold) => sum + fold.length, 0);
}

/** The share of the held-out samples that a linear probe of these features tells right. */
export async function probeAccuracy(
  train: FeatureMatrix,
  validation: FeatureMatrix,
  { labels, folds, classes }: HeldOut,
  pause: Pause,
): Promise<number> {
  const features = joinRows(train, validation);
  const part = (rows: Int32Array) => ({ features: takeRows(features, rows), labels: rows.map((i) => labels[i]) });
  let right = 0, count = 0;
  for (const fold of folds) {
    const held = new Set(fold);
    const rest = Int32Array.from(labels.keys()).filter((i) => !held.has(i));
    const { accuracy } = await linearProbe(part(rest), part(fold), { classes, pause });
    right += accuracy * fold.length;
    count += fold.length;
  }
  return right / count;
}
