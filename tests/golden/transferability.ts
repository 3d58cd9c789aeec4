import type { FeatureMatrix } from "../../lib/study/transfer/feature_matrix.ts";
import { uniform } from "./values.ts";

/** One set of features in what make_transferability_golden.py writes. */
export interface TransferabilityCase {
  name: string;
  rows: number;
  columns: number;
  classes: number;
  signal: number;
  offset: number;
  repeat?: number;
  scale?: number;
  evidences: number[];
  logME: number;
  leep: number;
  probes: { l2: number; loss: number; accuracy: number; trainAccuracy: number }[];
}

/** The figures of numpy, scipy and scikit-learn. */
export const figures: {
  cases: TransferabilityCase[];
  ranks: { a: number[]; b: number[]; spearman: number; kendall: number }[];
} = JSON.parse(await Deno.readTextFile(new URL("transferability.json", import.meta.url)));

/** `features_of` of the generator. */
export function featuresOf(
  { name, rows, columns, classes, signal, offset, repeat = columns, scale = 1 }: TransferabilityCase,
  part = "",
): { features: FeatureMatrix; labels: Int32Array } {
  const labels = Int32Array.from(uniform(`${name}${part}.labels`, rows), (u) => Math.floor(classes * u ** 1.5));
  for (let label = 0; label < classes; label++) labels[label] = label;
  const u = uniform(`${name}${part}.features`, rows * columns);
  const values = Float32Array.from({ length: rows * columns }, (_, k) => {
    const i = Math.floor(k / columns), at = k % columns % repeat;
    return scale * (2 * u[i * columns + at] - 1 + offset + signal * Number(labels[i] === at % classes));
  });
  return { features: { rows, columns, values }, labels };
}
