import { describeValue } from "../nn/mod.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";

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

/**
 * Checks a function that makes normalization layers. torch takes the class itself; here it would need a `new` in front.
 *
 * @throws {TypeError} naming the network, what the option must be and what it was
 */
export function checkNormLayer(network: string, value: NormLayer): void {
  const isClass = typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
  if (typeof value === "function" && !isClass) return;
  const name = isClass && value.name ? value.name : "BatchNorm2d";
  const found = isClass ? `the class ${name}` : describeValue(value);
  throw new TypeError(
    `Cannot make ${network}: expected normLayer to be a function, found ${found}; write (channels) => new nn.${name}(channels)`,
  );
}

function text(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
