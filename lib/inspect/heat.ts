import type { Picture } from "../data/types.ts";

/**
 * Points of viridis (Smith and van der Walt 2015): evenly lighter from violet to yellow, in this order for every form of
 * colour blindness and in grey too.
 */
const viridis = [
  [68, 1, 84],
  [71, 45, 123],
  [59, 82, 139],
  [44, 114, 142],
  [33, 145, 140],
  [40, 174, 128],
  [94, 201, 98],
  [173, 220, 48],
  [253, 231, 37],
];

/** Numbers in a plane, row by row. */
export interface Plane {
  width: number;
  height: number;
  values: Float32Array;
}

/** A plane's values moved and stretched to lie from 0 to 1; 0 where they are all the same. */
export function stretched({ width, height, values }: Plane): Plane {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const span = values.reduce((a, b) => Math.max(a, b), -Infinity) - low;
  return { width, height, values: values.map((value) => span > 0 ? (value - low) / span : 0) };
}

/** A plane of another size, the values between its own by bilinear interpolation, pixel centres on pixel centres. */
export function resized(plane: Plane, width: number, height: number): Plane {
  const values = new Float32Array(width * height);
  const [across, down] = [taps(plane.width, width), taps(plane.height, height)];
  down.forEach(([top, bottom, v], y) =>
    across.forEach(([left, right, u], x) => {
      const at = (row: number, column: number) => plane.values[row * plane.width + column];
      const above = at(top, left) * (1 - u) + at(top, right) * u;
      const below = at(bottom, left) * (1 - u) + at(bottom, right) * u;
      values[y * width + x] = above * (1 - v) + below * v;
    })
  );
  return { width, height, values };
}

/** A picture of a plane from 0 to 1, from violet to yellow. */
export function heatPicture({ width, height, values }: Plane): Picture {
  const data = new Uint8Array(3 * values.length);
  values.forEach((value, i) => data.set(heatColor(value), 3 * i));
  return { width, height, data };
}

/** A plane from 0 to 1 over a picture of its size: the warmer, the less of the picture's own colour is left. */
export function overlay(picture: Picture, { values }: Plane): Picture {
  const data = new Uint8Array(picture.data.length);
  values.forEach((value, i) => {
    const color = heatColor(value);
    // a cold place keeps its picture, darkened a little, so that the warm ones come forward
    const share = 0.35 + 0.35 * value;
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.round((1 - share) * picture.data[3 * i + c] + share * color[c]);
  });
  return { ...picture, data };
}

/** A picture `times` as wide and high, each pixel a square. */
export function enlarged({ width, height, data }: Picture, times: number): Picture {
  const large = new Uint8Array(data.length * times * times);
  for (let y = 0; y < height * times; y++) {
    for (let x = 0; x < width * times; x++) {
      const from = 3 * (Math.floor(y / times) * width + Math.floor(x / times));
      large.set(data.subarray(from, from + 3), 3 * (y * width * times + x));
    }
  }
  return { width: width * times, height: height * times, data: large };
}

function heatColor(value: number): number[] {
  const place = Math.min(1, Math.max(0, value)) * (viridis.length - 1);
  const low = Math.min(viridis.length - 2, Math.floor(place));
  return viridis[low].map((channel, c) => Math.round(channel + (place - low) * (viridis[low + 1][c] - channel)));
}

function taps(from: number, to: number): [number, number, number][] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.min(from - 1, Math.max(0, (i + 0.5) * from / to - 0.5));
    const low = Math.floor(place);
    return [low, Math.min(from - 1, low + 1), place - low];
  });
}
