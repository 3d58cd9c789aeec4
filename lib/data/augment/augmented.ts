import type { RandomGenerator } from "../../engine/random.ts";
import { sampleGenerator } from "../order.ts";
import { resample } from "../resample.ts";
import { fit } from "../transforms.ts";
import type { Picture, Transforms } from "../types.ts";
import { type Augment, type Augmentation, augmentations, expectOption, type Goal } from "./augmentation.ts";

/** Options of {@linkcode augmented}. */
export interface AugmentedOptions {
  /** How many; 1. */
  count?: number;
  /** Which ones; 0. */
  seed?: number;
  /** The side in pixels of the square that a network would take; the picture's own sides unless given. */
  size?: number;
}

/**
 * Variants of one picture, to look at.
 *
 * @throws {TypeError} where an augmentation is none
 *
 * @example
 * ```ts
 * import { colorJitter, data, horizontalFlip } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const picture: data.Picture = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(128) };
 * const six = data.augmented(picture, [horizontalFlip(), colorJitter({ brightness: 0.5 })], { count: 6 });
 * assertEquals(six.length, 6);
 * ```
 */
export function augmented(
  picture: Picture,
  augment: Augment,
  { count = 1, seed = 0, size }: AugmentedOptions = {},
): Picture[] {
  expectOption("augmented", Number.isInteger(count) && count > 0, "count to be a whole number above 0", count);
  const steps = augmentations(augment, "augment a picture");
  const transforms = fitting(size === undefined ? [picture.height, picture.width] : size);
  return Array.from({ length: count }, (_, i) => {
    const start = wantsWhole(steps) ? picture : fit(picture, transforms);
    return applyAll(start, steps, sampleGenerator(seed, i, 0), transforms);
  });
}

/** Whether the augmentations begin with the picture as it was decoded. */
export function wantsWhole(steps: readonly Augmentation[]): boolean {
  return steps.some(({ whole }) => whole);
}

/** What the transforms make of pictures, but for mean and std. */
export type Fitting = Pick<Transforms, "resize" | "crop" | "interpolation">;

/** A picture changed by each step in turn; where its size is then not what it should be, resized and cropped. */
export function applyAll(
  picture: Picture,
  steps: readonly Augmentation[],
  random: RandomGenerator,
  transforms: Fitting,
): Picture {
  const goal = wantsWhole(steps) ? goalOf(transforms) : { ...picture, interpolation: transforms.interpolation };
  const changed = steps.reduce((made, step) => checked(step(made, random, goal), step), picture);
  const fits = changed.width === goal.width && changed.height === goal.height;
  return fits ? changed : fit(changed, transforms);
}

/** Throws where what an augmentation gave is no picture, such as where the call was forgotten that makes one. */
function checked(made: Picture, { name }: Augmentation): Picture {
  const fail = `Cannot augment a picture: expected ${name || "the augmentation"} to give a picture, found `;
  if (typeof made === "function") {
    throw new TypeError(`${fail}a function; give the augmentation that it makes: ${name}()`);
  }
  if (!made?.data) throw new TypeError(`${fail}${JSON.stringify(made)}`);
  const { width, height, data } = made;
  if (data.length === width * height * 3) return made;
  throw new TypeError(`${fail}one of ${width}×${height} with ${data.length} bytes`);
}

/**
 * A decoded picture as it is kept for cutting out parts: where its sides are more than twice as long as the network needs
 * them, at that size. More would cost memory and time in every epoch. Of a picture three times as long as
 * kept, parts then differ from those of torchvision, which cuts them out of the original, by 2.6 of 255 in the mean where
 * the picture has no detail below nine pixels, by 7.7 in noise of three pixels.
 */
export function reduced(picture: Picture, transforms: Fitting): Picture {
  const { width, height } = goalOf(transforms);
  const scale = 2 * Math.max(width / picture.width, height / picture.height);
  if (scale >= 1) return picture;
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return resample(picture, side(picture.width), side(picture.height), transforms.interpolation);
}

/** What `reduced` depends on, as a key to keep its result under. */
export function reducedKey(transforms: Fitting): string {
  return `reduced ${JSON.stringify(goalOf(transforms))}`;
}

/** The transforms for pictures of `[height, width]`, or square ones. */
export function fitting(sides: number | [number, number]): Fitting {
  return { resize: sides, crop: typeof sides === "number" ? sides : undefined, interpolation: "bilinear" };
}

function goalOf({ resize, crop, interpolation }: Fitting): Goal {
  const [height, width] = crop !== undefined ? [crop, crop] : typeof resize === "number" ? [resize, resize] : resize;
  return { width, height, interpolation };
}
