import type { RandomGenerator } from "../../engine/random.ts";
import type { Box } from "../resample.ts";
import type { Picture } from "../types.ts";
import { type Augmentation, expectOption, isColor, isProbability, isRange, named } from "./augmentation.ts";
import { below, between, roundHalfToEven } from "./draw.ts";

/** Options of {@linkcode randomErasing}. */
export interface RandomErasingOptions {
  /** How likely a picture loses a part; 0.5. */
  probability?: number;
  /** The smallest and the largest share of the area; [0.02, 0.33]. */
  scale?: readonly [number, number];
  /** The smallest and the largest height divided by width; [0.3, 3.3]. */
  ratio?: readonly [number, number];
  /** Red, green and blue of the erased part; ImageNet's mean, which the usual transforms make 0. */
  fill?: readonly number[];
}

/**
 * Erases a random rectangle (Zhong et al. 2017), as torchvision's `RandomErasing`: there after the normalization, here
 * before it, on bytes.
 *
 * @throws {RangeError} where an option cannot be
 *
 * @example
 * ```ts
 * import { data, randomErasing } from "thaw";
 *
 * const white: data.Picture = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(255) };
 * const [erased] = data.augmented(white, randomErasing({ probability: 1, fill: [0, 0, 0] }));
 * console.log(erased.data.filter((byte) => byte === 0).length / erased.data.length); // the share that is gone
 * ```
 */
export function randomErasing(options: RandomErasingOptions = {}): Augmentation {
  const { probability = 0.5, scale = [0.02, 0.33], ratio = [0.3, 3.3], fill = [124, 116, 104] } = options;
  const what = "randomErasing";
  expectOption(what, isProbability(probability), "probability to be a number from 0 to 1", probability);
  expectOption(what, isRange(scale, 0, 1), "scale to be two shares [smallest, largest] from 0 to 1", scale);
  expectOption(what, isRange(ratio, Number.MIN_VALUE), "ratio to be [smallest, largest] above 0", ratio);
  expectOption(what, isColor(fill), "fill to be red, green and blue from 0 to 255", fill);
  return named(what, options, (picture, random) => {
    if (random.uniform() >= probability) return picture;
    const box = erasedBox(picture, scale, ratio, random);
    return box ? erase(picture, box, fill) : picture;
  });
}

/** A random part of this area and shape, smaller than the picture; none where ten did not fit. */
function erasedBox(
  { width, height }: Picture,
  scale: readonly [number, number],
  ratio: readonly [number, number],
  random: RandomGenerator,
): Box | undefined {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = width * height * between(random, scale[0], scale[1]);
    const aspect = Math.exp(between(random, Math.log(ratio[0]), Math.log(ratio[1])));
    const h = roundHalfToEven(Math.sqrt(area * aspect));
    const w = roundHalfToEven(Math.sqrt(area / aspect));
    if (h < height && w < width) {
      return { top: below(random, height - h + 1), left: below(random, width - w + 1), width: w, height: h };
    }
  }
}

/** A picture with one part in one colour. */
export function erase({ width, height, data }: Picture, box: Box, color: readonly number[]): Picture {
  const out = data.slice();
  for (let y = box.top; y < box.top + box.height; y++) {
    for (let x = box.left; x < box.left + box.width; x++) out.set(color, (y * width + x) * 3);
  }
  return { width, height, data: out };
}
