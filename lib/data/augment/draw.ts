import type { RandomGenerator } from "../../engine/random.ts";

/** A number from `low` to `high`. */
export function between(random: RandomGenerator, low: number, high: number): number {
  return low + (high - low) * random.uniform();
}

/** A whole number from 0 to `count - 1`. */
export function below(random: RandomGenerator, count: number): number {
  return Math.floor(random.uniform() * count);
}

/** Python's round(). */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}
