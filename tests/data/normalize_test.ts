import { assertAlmostEquals, assertEquals } from "@std/assert";
import { normalizeInto } from "../../lib/data/normalize.ts";
import { test } from "./support.ts";

const pixels = { width: 2, height: 2, data: Uint8Array.of(0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 255) };
const statistics = { mean: [0.5, 0.4, 0.3], std: [0.5, 0.25, 0.2] };

test("each channel has its own mean and standard deviation", () => {
  const out = new Float32Array(12);
  normalizeInto(out, pixels, statistics);
  pixels.data.forEach((byte, i) => {
    assertAlmostEquals(out[i], (byte / 255 - statistics.mean[i % 3]) / statistics.std[i % 3], 1e-6);
  });
});

test("mirrored exchanges left and right and keeps the channels", () => {
  const [as, mirrored] = [new Float32Array(12), new Float32Array(12)];
  normalizeInto(as, pixels, statistics);
  normalizeInto(mirrored, pixels, statistics, true);
  const order = [3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8];
  assertEquals([...mirrored], order.map((i) => as[i]));
});
