import { assertEquals } from "@std/assert";
import { resample } from "../../lib/data/resample.ts";
import type { Picture } from "../../lib/data/types.ts";
import { picture, test } from "./support.ts";

const modes = ["nearest", "bilinear", "bicubic", "lanczos"] as const;

/** A row of grey pixels. */
const row = (...values: number[]): Picture => ({
  width: values.length,
  height: 1,
  data: Uint8Array.from(values.flatMap((value) => [value, value, value])),
});
const reds = ({ data }: Picture) => [...data].filter((_, i) => i % 3 === 0);

test("pixel centres are half a pixel in: the figures that Pillow gives for a ramp", () => {
  const ramp = row(0, 30, 60, 90, 120, 150, 180, 210);
  const doubled = [0, 8, 23, 38, 53, 68, 83, 98, 113, 128, 143, 158, 173, 188, 203, 210];
  assertEquals(reds(resample(ramp, 16, 1, "bilinear")), doubled);
  // half as wide: each pixel is a mean of four with the weights 1, 3, 3, 1, at the edges of three
  assertEquals(reds(resample(ramp, 4, 1, "bilinear")), [21, 75, 135, 189]);
});

test("one colour stays that colour, and the same size the same picture", () => {
  for (const mode of modes) {
    for (const [width, height] of [[1, 1], [7, 3], [40, 55]]) {
      assertEquals(
        resample(picture(13, 9, [3, 250, 77]), width, height, mode),
        picture(width, height, [3, 250, 77]),
        mode,
      );
    }
    const noise = { width: 5, height: 4, data: Uint8Array.from({ length: 60 }, (_, i) => (i * 97) & 255) };
    assertEquals(resample(noise, 5, 4, mode), noise, mode);
  }
});

test("a part of the resized picture is what lies there in the whole", () => {
  const noise = { width: 23, height: 31, data: Uint8Array.from({ length: 23 * 31 * 3 }, (_, i) => (i * i * 7) & 255) };
  const box = { left: 4, top: 6, width: 9, height: 5 };
  for (const mode of modes) {
    for (const [width, height] of [[17, 13], [50, 44]]) {
      const whole = resample(noise, width, height, mode);
      const rows = Array.from({ length: box.height }, (_, y) => {
        const start = ((box.top + y) * width + box.left) * 3;
        return [...whole.data.subarray(start, start + box.width * 3)];
      });
      assertEquals([...resample(noise, width, height, mode, box).data], rows.flat(), mode);
    }
  }
});
