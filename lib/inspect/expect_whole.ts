import { describeValue } from "../nn/mod.ts";

/**
 * Checks that options are whole numbers.
 *
 * @param action what cannot be done otherwise
 * @param least the least that they may be
 * @throws {RangeError} naming the first that is none
 */
export function expectWhole(action: string, options: Record<string, unknown>, least = 1): void {
  for (const [name, value] of Object.entries(options)) {
    if (Number.isInteger(value) && (value as number) >= least) continue;
    const known = least === -Infinity ? "a whole number" : `a whole number ≥ ${least}`;
    throw new RangeError(`Cannot ${action}: expected ${name} to be ${known}, found ${describeValue(value)}`);
  }
}
