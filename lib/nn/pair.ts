import { describeValue } from "../weights/describe_value.ts";

/** One number for both axes, or `[vertical, horizontal]`; torch's "size_2_t". */
export type Size2d = number | readonly [number, number];

/** Both axes of a size. */
export function pair(size: Size2d): [number, number] {
  return typeof size === "number" ? [size, size] : [size[0], size[1]];
}

/** One number for both, or height and width of an output; `null` is as large as the input, torch's None. */
export type OutputSize = number | readonly [number | null, number | null];

/** Both axes of an output for feature maps `[N, H, W, C]`. */
export function outputPair(size: OutputSize, [, height, width]: readonly number[]): [number, number] {
  if (typeof size === "number") return [size, size];
  const [vertical, horizontal] = size;
  return [vertical === null ? height : vertical, horizontal === null ? width : horizontal];
}

/**
 * Checks a whole number among a module's arguments.
 *
 * @throws {RangeError} naming the module, the argument, what it must be and what it was
 */
export function checkWhole(module: string, argument: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  const found = typeof value === "string" || Array.isArray(value) ? JSON.stringify(value) : describeValue(value);
  throw new RangeError(`Cannot make ${module}: expected ${argument} to be a whole number ≥ ${least}, found ${found}`);
}

/**
 * Checks a size among a module's arguments: one whole number, or two of them.
 *
 * @throws {RangeError} naming the module, the argument, what it must be and what it was
 */
export function checkSize(module: string, argument: string, value: Size2d, least: number): void {
  const numbers = Array.isArray(value) ? pair(value as Size2d) : [value as number];
  for (const number of numbers) checkWhole(module, argument, number, least);
}
