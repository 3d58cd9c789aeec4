import { type Filling, rotate } from "./affine.ts";
import { type Augmentation, expectOption, isColor, isRange, named } from "./augmentation.ts";
import { between } from "./draw.ts";

/** Options of {@linkcode randomRotation}. */
export interface RandomRotationOptions extends Partial<Filling> {
  /** How far to turn either way, or [smallest, largest] counter-clockwise. */
  degrees: number | readonly [number, number];
}

/**
 * Turns pictures about their middle by a random angle, as torchvision's `RandomRotation`. What comes in at the corners is
 * black unless `fill` is given, pixels between pixels are the nearest ones unless `interpolation` is "bilinear".
 *
 * @throws {RangeError} where an option cannot be
 *
 * @example
 * ```ts
 * import { data, randomRotation } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const picture: data.Picture = { width: 2, height: 1, data: Uint8Array.of(1, 1, 1, 2, 2, 2) };
 * const [turned] = data.augmented(picture, randomRotation({ degrees: [180, 180] }));
 * assertEquals([...turned.data], [2, 2, 2, 1, 1, 1]);
 * ```
 */
export function randomRotation(options: RandomRotationOptions): Augmentation {
  const { degrees, interpolation = "nearest", fill = [0, 0, 0] } = options;
  const range = typeof degrees === "number" ? [-degrees, degrees] as const : degrees;
  const what = "randomRotation";
  const holds = !(typeof degrees === "number" && degrees < 0) && isRange(range, -Infinity);
  expectOption(what, holds, "degrees to be a number from 0 up or [smallest, largest]", degrees);
  expectFilling(what, { interpolation, fill });
  return named(
    what,
    options,
    (picture, random) => rotate(picture, between(random, range[0], range[1]), { interpolation, fill }),
  );
}

/** Throws where a filling makes no sense. */
export function expectFilling(what: string, { interpolation, fill }: Filling): void {
  const known = interpolation === "nearest" || interpolation === "bilinear";
  expectOption(what, known, 'interpolation to be "nearest" or "bilinear"', interpolation);
  expectOption(what, isColor(fill), "fill to be red, green and blue from 0 to 255", fill);
}
