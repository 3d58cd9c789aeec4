/** A number with how far it may be off: one standard deviation. */
export interface Measured {
  mean: number;
  /** The standard deviation over repetitions; 0 for a single one. */
  deviation: number;
  count: number;
}

/** Mean and standard deviation (by n − 1) of repetitions. */
export function measured(values: readonly number[]): Measured {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, count };
}

/**
 * The noise of one training: the standard deviation over seeds, taken from all settings together, since three seeds of one
 * alone say little, and one picture at least, since accuracies differ by whole ones. Where every setting has a single seed it
 * is what chance makes of an accuracy on so many pictures (binomial).
 *
 * @param settings the accuracies of each setting
 * @param validationCount how many pictures they were judged by
 * @returns with the degrees of freedom that it was estimated from
 */
export function noiseOf(
  settings: readonly Measured[],
  validationCount: number,
): { deviation: number; from: "seeds" | "pictures"; freedom: number } {
  const freedom = settings.reduce((sum, { count }) => sum + Math.max(0, count - 1), 0);
  if (freedom > 0) {
    const squares = settings.reduce((sum, { deviation, count }) => sum + deviation ** 2 * Math.max(0, count - 1), 0);
    return {
      deviation: Math.max(Math.sqrt(squares / freedom), 1 / Math.max(1, validationCount)),
      from: "seeds",
      freedom,
    };
  }
  const best = settings.reduce((most, { mean }) => Math.max(most, mean), 0);
  const deviation = Math.sqrt(best * (1 - best) / Math.max(1, validationCount));
  return { deviation, from: "pictures", freedom: Infinity };
}

/** How much two means may differ by noise alone: one standard deviation of their difference. */
export function noiseOfDifference(deviation: number, a: { count: number }, b: { count: number }): number {
  return deviation * Math.sqrt(1 / a.count + 1 / b.count);
}

/** The probability that a normally distributed number is below `z`; Abramowitz & Stegun 26.2.17, to 1e-7. */
export function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) *
    t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z >= 0 ? 1 - tail : tail;
}

/**
 * How sure it is that the better of two accuracies on the same number of pictures is no chance.
 *
 * @returns from 0.5 (they are equal) to 1
 */
export function sureness(better: number, worse: number, count: number): number {
  const spread = Math.sqrt((better * (1 - better) + worse * (1 - worse)) / Math.max(1, count));
  return spread > 0 ? normalShare((better - worse) / spread) : better > worse ? 1 : 0.5;
}
