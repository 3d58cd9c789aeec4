import type { Picture, Transforms } from "./types.ts";

/**
 * Writes a picture's bytes as `(byte / 255 - mean) / std` into `out`, `[H, W, 3]`.
 *
 * A byte has only 256 values, so each channel's results are looked up. One pass here takes less time than handing the
 * bytes to the engine and computing there: 0.07 ms against 0.12 ms for 128×128 pixels with TensorFlow on two cores.
 *
 * @param mirrored whether the picture is written with left and right exchanged
 */
export function normalizeInto(
  out: Float32Array,
  { width, height, data }: Picture,
  { mean, std }: Pick<Transforms, "mean" | "std">,
  mirrored = false,
): void {
  const [red, green, blue] = [0, 1, 2].map((c) => table(mean[c], std[c]));
  const step = mirrored ? -3 : 3;
  for (let y = 0, p = 0; y < height; y++) {
    let o = (y * width + (mirrored ? width - 1 : 0)) * 3;
    for (let x = 0; x < width; x++, p += 3, o += step) {
      out[o] = red[data[p]];
      out[o + 1] = green[data[p + 1]];
      out[o + 2] = blue[data[p + 2]];
    }
  }
}

/** In single precision at each step, as torch computes it. */
function table(mean: number, std: number): Float32Array {
  const f = Math.fround;
  return Float32Array.from({ length: 256 }, (_, byte) => f(f(f(byte / 255) - f(mean)) / f(std)));
}
