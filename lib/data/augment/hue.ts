import type { Picture } from "../types.ts";

/**
 * Turns the hue by a share of the colour circle, from -0.5 to 0.5, as torchvision does on a PIL image, to the bit: by way of
 * Pillow's HSV with 8 bits for each of hue, saturation and value, so that colours are a little coarser afterwards.
 */
export function hue({ width, height, data }: Picture, turn: number): Picture {
  const steps = Math.trunc(turn * 255) & 255;
  const out = new Uint8Array(data.length);
  for (let p = 0; p < data.length; p += 3) turnPixel(data, out, p, steps);
  return { width, height, data: out };
}

const f = Math.fround; // Pillow's variables are floats, most of its constants doubles

function turnPixel(data: Uint8Array, out: Uint8Array, p: number, steps: number): void {
  const red = data[p], green = data[p + 1], blue = data[p + 2];
  const most = Math.max(red, green, blue), least = Math.min(red, green, blue);
  if (most === least) {
    out[p] = out[p + 1] = out[p + 2] = most;
    return;
  }
  const range = most - least;
  const s = Math.trunc(f(range / most) * 255);
  const hue = (Math.trunc(hueOf(red, green, blue, most, range) * 255) + steps) & 255;
  if (s === 0) {
    out[p] = out[p + 1] = out[p + 2] = most;
    return;
  }
  const sixth = Math.floor(hue * 6 / 255);
  const part = f(hue * 6 / 255 - sixth);
  const share = f(s / 255);
  const low = rounded(most * (1 - share));
  const falling = rounded(most * (1 - f(share * part)));
  const rising = rounded(most * (1 - share * (1 - part)));
  switch (sixth % 6) {
    case 0:
      return put(out, p, most, rising, low);
    case 1:
      return put(out, p, falling, most, low);
    case 2:
      return put(out, p, low, most, rising);
    case 3:
      return put(out, p, low, falling, most);
    case 4:
      return put(out, p, rising, low, most);
    default:
      return put(out, p, most, low, falling);
  }
}

/** From 0 to 1. */
function hueOf(red: number, green: number, blue: number, most: number, range: number): number {
  const r = f((most - red) / range), g = f((most - green) / range), b = f((most - blue) / range);
  const sixths = red === most ? f(b - g) : green === most ? f(2 + r - b) : f(4 + g - r);
  return f((sixths / 6 + 1) % 1);
}

/** Half away from zero, as C's round(); the values are never below 0. */
function rounded(x: number): number {
  return Math.trunc(f(Math.floor(x + 0.5)));
}

function put(out: Uint8Array, p: number, red: number, green: number, blue: number): void {
  out[p] = red;
  out[p + 1] = green;
  out[p + 2] = blue;
}
