import type { RandomGenerator } from "../../engine/random.ts";
import type { Picture, Transforms } from "../types.ts";

/** What an augmented picture is made for. */
export interface Goal {
  /** The width in pixels that the network takes. */
  width: number;
  /** The height in pixels that the network takes. */
  height: number;
  /** How pixels between pixels are made up where a picture changes its size: that of the transforms. */
  interpolation: Transforms["interpolation"];
}

/**
 * A random change of a picture: any function that gives a changed one and draws what is random from `random`, which
 * begins anew for each sample, epoch and seed. It must leave the picture that it is given as it is.
 *
 * @example
 * ```ts
 * import type { Augmentation } from "thaw";
 *
 * // the negative, with probability ½
 * const invert: Augmentation = (picture, random) =>
 *   random.uniform() < 0.5 ? picture : { ...picture, data: picture.data.map((byte) => 255 - byte) };
 * ```
 */
export interface Augmentation {
  (picture: Picture, random: RandomGenerator, goal: Goal): Picture;
  /**
   * Whether it wants pictures as they were decoded, because it cuts out and resizes by itself; others get them resized and
   * cropped by the transforms.
   */
  readonly whole?: boolean;
}

/** One augmentation, or several, one after another. */
export type Augment = Augmentation | readonly Augmentation[];

/** The augmentations as a list, checked. */
export function augmentations(augment: Augment | undefined, what = "augment"): readonly Augmentation[] {
  if (augment === undefined) return [];
  const list = Array.isArray(augment) ? augment : [augment];
  const wrong = list.findIndex((each) => typeof each !== "function");
  if (wrong >= 0) {
    throw new TypeError(
      `Cannot ${what}: expected augmentations such as horizontalFlip(), found ${JSON.stringify(list[wrong])} at ` +
        `position ${wrong}`,
    );
  }
  return list;
}

/** An augmentation under the name of the call that makes it, by which runs tell what they were trained with. */
export function named(what: string, options: object, apply: Augmentation): Augmentation {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const text = given.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ");
  return Object.defineProperty(apply, "name", { value: `${what}(${text && `{ ${text} }`})` });
}

/** Throws where an option of an augmentation is not what it should be. */
export function expectOption(what: string, holds: boolean, expected: string, found: unknown): void {
  if (!holds) throw new RangeError(`Cannot use ${what}: expected ${expected}, found ${JSON.stringify(found)}`);
}

/** Whether a value is a probability. */
export function isProbability(value: number): boolean {
  return value >= 0 && value <= 1;
}

/** Whether a value is two numbers, the second not below the first, both at least `least`. */
export function isRange(value: readonly number[], least: number, most = Infinity): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] >= least &&
    value[1] >= value[0] && value[1] <= most;
}

/** Whether a value is a colour: three bytes. */
export function isColor(value: readonly number[]): boolean {
  return Array.isArray(value) && value.length === 3 && value.every((v) => Number.isInteger(v) && v >= 0 && v < 256);
}
