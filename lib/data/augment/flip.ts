import type { Picture } from "../types.ts";
import { type Augmentation, expectOption, isProbability, named } from "./augmentation.ts";

/**
 * Mirrors pictures left to right with this probability, as torchvision's `RandomHorizontalFlip`.
 *
 * @throws {RangeError} where the probability is none
 *
 * @example
 * ```ts
 * import { data, horizontalFlip } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const picture: data.Picture = { width: 2, height: 1, data: Uint8Array.of(1, 1, 1, 2, 2, 2) };
 * const [flipped] = data.augmented(picture, horizontalFlip({ probability: 1 }));
 * assertEquals([...flipped.data], [2, 2, 2, 1, 1, 1]);
 * ```
 */
export function horizontalFlip(options: { probability?: number } = {}): Augmentation {
  const { probability = 0.5 } = options;
  expectOption("horizontalFlip", isProbability(probability), "probability to be a number from 0 to 1", probability);
  return named(
    "horizontalFlip",
    options,
    (picture, random) => random.uniform() < probability ? mirror(picture) : picture,
  );
}

/** A picture with left and right exchanged. */
export function mirror({ width, height, data }: Picture): Picture {
  const out = new Uint8Array(data.length);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0, o = ((y + 1) * width - 1) * 3; x < width; x++, p += 3, o -= 3) {
      out[o] = data[p];
      out[o + 1] = data[p + 1];
      out[o + 2] = data[p + 2];
    }
  }
  return { width, height, data: out };
}
