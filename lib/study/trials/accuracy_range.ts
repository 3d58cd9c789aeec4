import type { Series } from "../../display/mod.ts";

/** An axis of accuracies: all that is drawn with some room; at least ten points, or noise would look like a mountain. */
export function accuracyRange(series: readonly Series[]): [number, number] {
  const ends = series.flatMap(({ y, error }) =>
    y.flatMap((mean, i) => [mean! - (error?.[i] ?? 0), mean! + (error?.[i] ?? 0)])
  );
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const reach = Math.max(0.05, 0.56 * (high - low));
  return [Math.max(0, (low + high) / 2 - reach), Math.min(1, (low + high) / 2 + reach)];
}
