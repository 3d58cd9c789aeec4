import type { Picture } from "../types.ts";

/** Where in the old picture a pixel of the new one lies: `x = a·x' + b·y' + c`, `y = d·x' + e·y' + f`. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** How {@linkcode affine} fills the new picture. */
export interface Filling {
  /** How pixels between pixels are made up. */
  interpolation: "nearest" | "bilinear";
  /** Red, green and blue of what lies outside the old picture. */
  fill: readonly number[];
}

/** A picture of the same size, its pixels taken from where the matrix says. Pillow's `Image.transform`, to the bit. */
export function affine(picture: Picture, matrix: Matrix, { interpolation, fill }: Filling): Picture {
  const { width, height } = picture;
  const out = new Uint8Array(width * height * 3);
  if (fill.some((value) => value > 0)) {
    for (let p = 0; p < width * 3; p++) out[p] = fill[p % 3];
    for (let y = 1; y < height; y++) out.copyWithin(y * width * 3, 0, width * 3);
  }
  if (interpolation === "bilinear") bilinear(picture, matrix, out);
  else nearest(picture, matrix, out);
  return { width, height, data: out };
}

/** Turns a picture counter-clockwise about its middle. Pillow's `Image.rotate`, to the bit. */
export function rotate(picture: Picture, degrees: number, filling: Filling): Picture {
  const { width, height } = picture;
  const angle = degrees - 360 * Math.floor(degrees / 360);
  if (angle === 0) return picture;
  const radians = -(angle * Math.PI / 180);
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)].map((x) => Math.round(x * 1e15) / 1e15);
  const x = width / 2, y = height / 2;
  return affine(picture, [cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y], filling);
}

/** In fixed point with 16 bits after the point; upright matrices, which only move or stretch, in floating point. */
function nearest({ width, height, data }: Picture, [a, b, c, d, e, f]: Matrix, out: Uint8Array): void {
  const upright = b === 0 && d === 0;
  const fixed = upright ? (v: number) => v : (v: number) => Math.floor(v * 65536 + 0.5);
  const scale = upright ? 1 : 65536;
  const [acrossX, acrossY, downX, downY] = [fixed(a), fixed(d), fixed(b), fixed(e)];
  let startX = fixed(c + a * 0.5 + b * 0.5), startY = fixed(f + d * 0.5 + e * 0.5);
  for (let row = 0, o = 0; row < height; row++, startX += downX, startY += downY) {
    for (let column = 0, x = startX, y = startY; column < width; column++, o += 3, x += acrossX, y += acrossY) {
      if (x < 0 || y < 0) continue;
      const fromX = Math.trunc(x / scale), fromY = Math.trunc(y / scale);
      if (fromX >= width || fromY >= height) continue;
      const p = (fromY * width + fromX) * 3;
      out[o] = data[p];
      out[o + 1] = data[p + 1];
      out[o + 2] = data[p + 2];
    }
  }
}

/** A mean of the four pixels around, cut off after the point. */
function bilinear({ width, height, data }: Picture, [a, b, c, d, e, f]: Matrix, out: Uint8Array): void {
  for (let row = 0, o = 0; row < height; row++) {
    for (let column = 0; column < width; column++, o += 3) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c;
      const y = d * (column + 0.5) + e * (row + 0.5) + f;
      if (x < 0 || x >= width || y < 0 || y >= height) continue;
      const left = Math.floor(x - 0.5), top = Math.floor(y - 0.5);
      const dx = x - 0.5 - left, dy = y - 0.5 - top;
      const x0 = Math.max(left, 0) * 3, x1 = Math.min(left + 1, width - 1) * 3;
      const y0 = Math.max(top, 0) * width * 3, y1 = Math.min(top + 1, height - 1) * width * 3;
      for (let channel = 0; channel < 3; channel++) {
        const upper = mix(data[y0 + x0 + channel], data[y0 + x1 + channel], dx);
        const lower = mix(data[y1 + x0 + channel], data[y1 + x1 + channel], dx);
        out[o + channel] = Math.trunc(mix(upper, lower, dy));
      }
    }
  }
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
