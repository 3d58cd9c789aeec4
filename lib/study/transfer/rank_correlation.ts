/** How far two lists put the same things into the same order: 1 the same, 0 nothing in common, -1 the reverse. */
export interface RankCorrelation {
  /** Spearman's ρ: the correlation of the ranks, equal values sharing the mean of theirs. */
  spearman: number;
  /** Kendall's τ-b: of all pairs, those in the same order less those in the reverse one, corrected for equal values. */
  kendall: number;
}

/**
 * How well one list of numbers ranks what another one measures: Spearman's ρ and Kendall's τ-b, as scipy's `spearmanr` and
 * `kendalltau` give them. Both are NaN where all values of a list are equal.
 *
 * @throws {RangeError} where the lists are not equally long, have fewer than two values, or one that is no number
 *
 * @example
 * ```ts
 * import { rankCorrelation } from "thaw";
 *
 * const { spearman, kendall } = rankCorrelation([0.1, 0.2, 0.4, 0.3], [70, 75, 80, 90]);
 * console.log(spearman.toFixed(2), kendall.toFixed(2)); // 0.80 0.67
 * ```
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): RankCorrelation {
  if (a?.length !== b?.length || !(a?.length >= 2)) {
    throw new RangeError(
      `Cannot correlate ranks: expected two lists of the same length, at least 2, found ${a?.length} and ${b?.length}`,
    );
  }
  const all: unknown[] = [...a, ...b];
  const wrong = all.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new RangeError(`Cannot correlate ranks: expected numbers, found ${all[wrong]}`);
  }
  return { spearman: correlation(ranks(a), ranks(b)), kendall: tauB(a, b) };
}

/** Each value's place in the order, from 1; equal values share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    const below = values.filter((other) => other < value).length;
    const equal = values.filter((other) => other === value).length;
    return below + (equal + 1) / 2;
  });
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (a.length + 1) / 2; // of ranks
  const products = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + (value - mean) * (y[i] - mean), 0);
  return products(a, b) / Math.sqrt(products(a, a) * products(b, b));
}

function tauB(a: readonly number[], b: readonly number[]): number {
  let balance = 0, apartInA = 0, apartInB = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      const x = Math.sign(a[i] - a[j]), y = Math.sign(b[i] - b[j]);
      balance += x * y;
      apartInA += x * x;
      apartInB += y * y;
    }
  }
  return balance / Math.sqrt(apartInA * apartInB);
}
