import type { RandomGenerator } from "../../engine/random.ts";
import { type Box, resample } from "../resample.ts";
import type { Picture } from "../types.ts";
import { type Augmentation, expectOption, isRange, named } from "./augmentation.ts";
import { below, between, roundHalfToEven } from "./draw.ts";

/** Options of {@linkcode randomResizedCrop}. */
export interface RandomResizedCropOptions {
  /** The smallest and the largest share of the picture's area; [0.08, 1]. */
  scale?: readonly [number, number];
  /** The smallest and the largest width divided by height; [3/4, 4/3]. */
  ratio?: readonly [number, number];
}

/**
 * Cuts out a random part and resizes it to what the network takes, as torchvision's `RandomResizedCrop`: the Inception
 * crop (Szegedy et al. 2015). It takes the place of the transforms' resize and centre crop.
 *
 * @throws {RangeError} where an option is no range
 *
 * @example
 * ```ts
 * import { data, randomResizedCrop } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const picture: data.Picture = { width: 40, height: 30, data: new Uint8Array(40 * 30 * 3) };
 * const parts = data.augmented(picture, randomResizedCrop({ scale: [0.5, 1] }), { size: 24, count: 3 });
 * assertEquals(parts.map(({ width, height }) => [width, height]), [[24, 24], [24, 24], [24, 24]]);
 * ```
 */
export function randomResizedCrop(options: RandomResizedCropOptions = {}): Augmentation {
  const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] } = options;
  const what = "randomResizedCrop";
  expectOption(what, isRange(scale, 0, 1), "scale to be two shares [smallest, largest] from 0 to 1", scale);
  expectOption(what, isRange(ratio, Number.MIN_VALUE), "ratio to be [smallest, largest] above 0", ratio);
  const cut: Augmentation = (picture, random, { width, height, interpolation }) =>
    resample(crop(picture, randomBox(picture, scale, ratio, random)), width, height, interpolation);
  return Object.assign(named(what, options, cut), { whole: true });
}

/** A random part of this area and shape; after ten that did not fit the largest one in the middle. */
export function randomBox(
  { width, height }: { width: number; height: number },
  scale: readonly [number, number],
  ratio: readonly [number, number],
  random: RandomGenerator,
): Box {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * between(random, scale[0], scale[1]);
    const aspect = Math.exp(between(random, Math.log(ratio[0]), Math.log(ratio[1])));
    const w = roundHalfToEven(Math.sqrt(area * aspect));
    const h = roundHalfToEven(Math.sqrt(area / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height) {
      return { top: below(random, height - h + 1), left: below(random, width - w + 1), width: w, height: h };
    }
  }
  return middleBox(width, height, ratio);
}

/** The largest part in the middle whose shape is within the ratios. */
export function middleBox(width: number, height: number, ratio: readonly [number, number]): Box {
  const whole = width / height;
  const w = whole > ratio[1] ? Math.max(1, roundHalfToEven(height * ratio[1])) : width;
  const h = whole < ratio[0] ? Math.max(1, roundHalfToEven(width / ratio[0])) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}

/** A part of a picture. */
export function crop({ width, data }: Picture, box: Box): Picture {
  const row = box.width * 3;
  const out = new Uint8Array(box.height * row);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * width + box.left) * 3;
    out.set(data.subarray(start, start + row), y * row);
  }
  return { width: box.width, height: box.height, data: out };
}
