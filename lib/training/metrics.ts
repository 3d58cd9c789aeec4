import { describeValue } from "../nn/mod.ts";
import { answers, confusionCounts, type Predicted } from "./predicted.ts";

/** A number that says how good predictions are. */
export type Metric = (predicted: Predicted) => number;

/** Metrics by the names under which their values are found. */
export type Metrics = Record<string, Metric>;

/** The share of samples whose most likely class is the right one. */
export function accuracy(): Metric {
  return (predicted) => share(answers(predicted), (answer, sample) => answer === predicted.labels[sample]);
}

/**
 * The share of samples whose right class is among the `k` most likely ones.
 *
 * @throws {RangeError} where `k` is no whole number above 0
 *
 * @example
 * ```ts
 * import { topK } from "thaw";
 *
 * const logits = Float32Array.of(3, 2, 1, 1, 2, 3);
 * console.log(topK(2)({ logits, labels: Int32Array.of(1, 0), classes: 3 })); // 0.5
 * ```
 */
export function topK(k: number): Metric {
  if (!Number.isInteger(k) || k < 1) {
    throw new RangeError(`Cannot make topK: expected a whole number ≥ 1, found ${k}`);
  }
  return ({ logits, labels, classes }) =>
    share(labels, (label, sample) => {
      const row = logits.subarray(sample * classes, (sample + 1) * classes);
      const better = row.filter((value, i) => value > row[label] || (value === row[label] && i < label));
      return better.length < k;
    });
}

/**
 * The mean over the classes of F1, the harmonic mean of precision and recall (van Rijsbergen 1979). As in scikit-learn,
 * a class that was neither there nor predicted has no part in the mean, and one never predicted right has 0.
 *
 * @example
 * ```ts
 * import { macroF1 } from "thaw";
 *
 * const logits = Float32Array.of(1, 0, 1, 0, 0, 1);
 * console.log(macroF1()({ logits, labels: Int32Array.of(0, 1, 1), classes: 2 }).toFixed(4)); // 0.6667
 * ```
 */
export function macroF1(): Metric {
  return (predicted) => {
    const classes = classScores(confusionCounts(predicted)).filter(({ support, predicted }) => support + predicted > 0);
    return classes.reduce((sum, { f1 }) => sum + f1, 0) / classes.length;
  };
}

/** How a network does on one class; shares from 0 to 1. */
export interface ClassScore {
  /** How many of those predicted as this class are of it; 0 where none was predicted. */
  precision: number;
  /** How many of this class were found; 0 where there is none. */
  recall: number;
  f1: number;
  /** How many samples are of this class, and how many were predicted so. */
  support: number;
  predicted: number;
}

/**
 * Precision, recall and F1 of each class, from confusion counts such as `evaluate`'s.
 *
 * @param confusion rows are the true classes, columns the predicted ones
 *
 * @example
 * ```ts
 * import { classScores } from "thaw";
 *
 * const [first] = classScores([[3, 1], [1, 5]]);
 * console.log(first.precision, first.recall); // 0.75 0.75
 * ```
 */
export function classScores(confusion: readonly (readonly number[])[]): ClassScore[] {
  return confusion.map((row, i) => {
    const support = row.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[i], 0);
    const ratio = (whole: number) => whole ? row[i] / whole : 0;
    return {
      precision: ratio(predicted),
      recall: ratio(support),
      f1: 2 * ratio(support + predicted),
      support,
      predicted,
    };
  });
}

/**
 * Each metric's value.
 *
 * @throws {TypeError} where one gives no number, such as `macroF1` without its parentheses
 */
export function measure(metrics: Metrics, predicted: Predicted): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => {
      const value: unknown = metric(predicted);
      if (typeof value === "number") return [name, value];
      const hint = typeof value === "function" ? `; write ${metric.name || "it"}()` : "";
      throw new TypeError(
        `Cannot measure ${name}: expected metrics.${name} to give a number, found ${describeValue(value)}${hint}`,
      );
    }),
  );
}

/** Checks that metrics are functions by name. */
export function checkMetrics(action: string, metrics: Metrics): void {
  for (const [name, metric] of Object.entries(metrics)) {
    if (typeof metric === "function") continue;
    throw new TypeError(
      `Cannot ${action}: expected metrics.${name} to be a function of predictions, found ${describeValue(metric)}`,
    );
  }
}

function share<T extends Int32Array>(of: T, test: (value: number, i: number) => boolean): number {
  return of.filter(test).length / of.length;
}
