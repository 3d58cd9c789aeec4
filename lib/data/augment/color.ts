import type { Picture } from "../types.ts";

/** Brightness by a factor: 0 is black, 1 the picture itself. Pillow's `ImageEnhance.Brightness`, to the bit. */
export function brightness(picture: Picture, factor: number): Picture {
  return mapBytes(picture, blendTable(0, factor));
}

/** Contrast by a factor: 0 is the mean grey, 1 the picture itself. Pillow's `ImageEnhance.Contrast`, to the bit. */
export function contrast(picture: Picture, factor: number): Picture {
  const grey = luma(picture);
  let sum = 0;
  for (const value of grey) sum += value;
  return mapBytes(picture, blendTable(Math.trunc(sum / grey.length + 0.5), factor));
}

/** Saturation by a factor: 0 is grey, 1 the picture itself. Pillow's `ImageEnhance.Color`, to the bit. */
export function saturation(picture: Picture, factor: number): Picture {
  const grey = luma(picture);
  const all = new Uint8Array(3 * grey.length);
  for (let i = 0, p = 0; i < grey.length; i++, p += 3) all[p] = all[p + 1] = all[p + 2] = grey[i];
  return blend(all, picture, factor);
}

/**
 * Sharpness by a factor: 0 is smoothed, 1 the picture itself, 2 sharpened. Pillow's `ImageEnhance.Sharpness`, to the bit:
 * the pixels at the edges stay as they are.
 */
export function sharpness(picture: Picture, factor: number): Picture {
  return blend(smoothed(picture), picture, factor);
}

/** A byte for every byte, the same for all channels. */
export function mapBytes({ width, height, data }: Picture, table: Uint8Array): Picture {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]];
  return { width, height, data: out };
}

/** ITU-R 601's luma of each pixel, in integers as Pillow computes it. */
function luma({ data }: Picture): Uint8Array {
  const out = new Uint8Array(data.length / 3);
  for (let i = 0, p = 0; i < out.length; i++, p += 3) {
    out[i] = (data[p] * 19595 + data[p + 1] * 38470 + data[p + 2] * 7471 + 0x8000) >> 16;
  }
  return out;
}

/** Pillow's blend of one byte and all others. */
function blendTable(from: number, factor: number): Uint8Array {
  const steps = stepTable(factor);
  return Uint8Array.from({ length: 256 }, (_, to) => cut(from + steps[to - from + 255]));
}

/** Pillow's blend of other bytes and a picture's. */
function blend(from: Uint8Array, { width, height, data }: Picture, factor: number): Picture {
  const steps = stepTable(factor);
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = cut(from[i] + steps[data[i] - from[i] + 255]);
  return { width, height, data: out };
}

/** What is added for each difference from -255 to 255: in single precision. */
function stepTable(factor: number): Float32Array {
  const weight = Math.fround(factor);
  return Float32Array.from({ length: 511 }, (_, i) => weight * (i - 255));
}

/** A sum as a byte: in single precision too, cut off after the point. */
function cut(sum: number): number {
  const mixed = Math.fround(sum);
  return mixed <= 0 ? 0 : mixed >= 255 ? 255 : Math.trunc(mixed);
}

/** Each pixel five times and its eight neighbours once, divided by 13. */
function smoothed({ width, height, data }: Picture): Uint8Array {
  const out = data.slice();
  const row = width * 3;
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * row + 3, end = (y + 1) * row - 3; i < end; i++) {
      const above = i - row, under = i + row;
      const sum = data[above - 3] + data[above] + data[above + 3] + data[i - 3] + 5 * data[i] + data[i + 3] +
        data[under - 3] + data[under] + data[under + 3];
      out[i] = Math.trunc((2 * sum + 13) / 26);
    }
  }
  return out;
}
