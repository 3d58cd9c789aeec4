/**
 * The multiple of `divisor` nearest to `value`, but not more than a tenth below it: how networks for phones round their numbers
 * of channels.
 */
export function makeDivisible(value: number, divisor: number, least: number = divisor): number {
  const rounded = Math.max(least, Math.floor((value + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * value ? rounded + divisor : rounded;
}
