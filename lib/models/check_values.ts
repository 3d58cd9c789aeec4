/**
 * Checks of values that the options of several families have: notebooks check no types.
 *
 * @module
 */

/**
 * Checks a probability.
 *
 * @throws {RangeError} naming the network, the option, what it must be and what it was
 */
export function checkProbability(network: string, option: string, value: number): void {
  if (typeof value === "number" && value >= 0 && value <= 1) return;
  throw new RangeError(`Cannot make ${network}: expected ${option} to be from 0 to 1, found ${text(value)}`);
}

/**
 * Checks a number that multiplies others.
 *
 * @throws {RangeError} naming the network, the option, what it must be and what it was
 */
export function checkPositive(network: string, option: string, value: number): void {
  if (typeof value === "number" && value > 0 && value < Infinity) return;
  throw new RangeError(`Cannot make ${network}: expected ${option} to be a number above 0, found ${text(value)}`);
}

/**
 * Checks a switch.
 *
 * @throws {TypeError} naming the network, the option, what it must be and what it was
 */
export function checkSwitch(network: string, option: string, value: boolean): void {
  if (typeof value === "boolean") return;
  throw new TypeError(`Cannot make ${network}: expected ${option} to be true or false, found ${text(value)}`);
}

function text(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
