import * as tf from "@tensorflow/tfjs";
import { mapParallel } from "./parallel.ts";
import { decodeImage } from "./image.ts";
import { normalizeInto } from "./normalize.ts";
import { resample } from "./resample.ts";
import type { ImageSource, Picture, Transforms } from "./types.ts";

/**
 * Makes a network's input from images: `[N, H, W, 3]` float32, normalized.
 *
 * Decoding, resizing, cropping, scaling to [0, 1] and `(x - mean) / std` give the numbers of torchvision's
 * `ImageClassification` preset on a PIL image, to the bit for every interpolation; where pixels are transparent, within
 * 1/255 of PIL's compositing on white. Who calls it disposes of the tensor.
 *
 * @throws {RangeError} where the transforms make no sense
 * @throws {TypeError} where the images come out in different sizes
 *
 * @example
 * ```ts
 * import { data } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const imagenet: data.Transforms = {
 *   resize: 256,
 *   crop: 224,
 *   interpolation: "bilinear",
 *   mean: [0.485, 0.456, 0.406],
 *   std: [0.229, 0.224, 0.225],
 * };
 * const grey: data.Picture = { width: 64, height: 48, data: new Uint8Array(64 * 48 * 3).fill(128) };
 * const input = await data.preprocess([grey], imagenet);
 * assertEquals(input.shape, [1, 224, 224, 3]);
 * input.dispose();
 * ```
 */
export async function preprocess(sources: readonly ImageSource[], transforms: Transforms): Promise<tf.Tensor4D> {
  checkTransforms(transforms);
  if (sources.length === 0) throw new RangeError("Cannot preprocess images: expected at least one, found none");
  const pictures = await mapParallel(sources, async (source) => fit(await decodeImage(source), transforms));
  return stack(pictures, transforms);
}

/** The part of the transforms that is the same each time: resize and centre crop. */
export function fit(picture: Picture, transforms: Pick<Transforms, "resize" | "crop" | "interpolation">): Picture {
  const { resize, crop, interpolation } = transforms;
  const [height, width] = typeof resize === "number" ? scaled(picture, resize) : resize;
  if (crop === undefined) return resample(picture, width, height, interpolation);
  const [left, newWidth, padLeft] = centre(width, crop);
  const [top, newHeight, padTop] = centre(height, crop);
  const part = resample(picture, width, height, interpolation, { left, top, width: newWidth, height: newHeight });
  return newWidth === crop && newHeight === crop ? part : pad(part, crop, padLeft, padTop);
}

/** The parts of the transforms that `fit` depends on, as a key to keep its result under. */
export function fitKey({ resize, crop, interpolation }: Transforms): string {
  return JSON.stringify([resize, crop, interpolation]);
}

/**
 * Pictures of one size as a normalized tensor `[N, H, W, 3]`.
 *
 * @param mirrored which of them to mirror left to right
 */
export function stack(
  pictures: readonly Picture[],
  transforms: Transforms,
  mirrored?: readonly boolean[],
): tf.Tensor4D {
  const { width, height } = pictures[0];
  const other = pictures.findIndex((picture) => picture.width !== width || picture.height !== height);
  if (other > 0) {
    throw new TypeError(
      `Cannot make one tensor of the images: expected ${width}×${height} pixels as of the first, found ` +
        `${pictures[other].width}×${pictures[other].height} at position ${other}; give the transforms a crop, or ` +
        "resize: [height, width]",
    );
  }
  const size = width * height * 3;
  const values = new Float32Array(pictures.length * size);
  pictures.forEach((picture, i) => {
    normalizeInto(values.subarray(i * size, (i + 1) * size), picture, transforms, mirrored?.[i]);
  });
  return tf.tensor4d(values, [pictures.length, height, width, 3]);
}

/** Throws where transforms make no sense. */
export function checkTransforms(transforms: Transforms): void {
  const { resize, crop, interpolation, mean, std } = transforms;
  const sides = typeof resize === "number" ? [resize] : resize;
  const expect = (holds: boolean, expected: string, found: unknown) => {
    if (holds) return;
    throw new RangeError(`Cannot use these transforms: expected ${expected}, found ${JSON.stringify(found)}`);
  };
  const whole = (x: unknown) => Number.isInteger(x) && (x as number) > 0;
  const three = (x: unknown) => Array.isArray(x) && x.length === 3 && x.every(Number.isFinite);
  expect(
    Array.isArray(sides) && sides.every(whole) && (typeof resize === "number" || sides.length === 2),
    "resize to be a number of pixels or [height, width]",
    resize,
  );
  expect(crop === undefined || whole(crop), "crop to be a number of pixels", crop);
  expect(
    ["nearest", "bilinear", "bicubic", "lanczos"].includes(interpolation),
    'interpolation to be "nearest", "bilinear", "bicubic" or "lanczos"',
    interpolation,
  );
  expect(three(mean), "mean to be three numbers (red, green, blue)", mean);
  expect(three(std) && std.every((s) => s > 0), "std to be three numbers above 0 (red, green, blue)", std);
}

/** torchvision's Resize(size): the shorter side gets `size`, the longer one is cut to a whole number. */
function scaled({ width, height }: Picture, size: number): [height: number, width: number] {
  const long = Math.trunc((size * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? [long, size] : [size, long];
}

/** torchvision's CenterCrop along one side: where the part begins, how long it is, and the padding before it. */
function centre(length: number, crop: number): [start: number, length: number, padding: number] {
  if (length <= crop) return [0, length, Math.trunc((crop - length) / 2)];
  return [roundHalfToEven((length - crop) / 2), crop, 0];
}

/** Python's round(). */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** In the middle of a black square. */
function pad({ width, height, data }: Picture, side: number, left: number, top: number): Picture {
  const out = new Uint8Array(side * side * 3);
  for (let y = 0; y < height; y++) {
    out.set(data.subarray(y * width * 3, (y + 1) * width * 3), ((top + y) * side + left) * 3);
  }
  return { width: side, height: side, data: out };
}
