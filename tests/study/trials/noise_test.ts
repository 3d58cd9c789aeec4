import { assertAlmostEquals, assertEquals } from "@std/assert";
import { measured, noiseOf, noiseOfDifference, normalShare, sureness } from "../../../lib/study/trials/noise.ts";

Deno.test("repetitions have a mean and a standard deviation by n − 1; a single one has none", () => {
  assertEquals(measured([0.7]), { mean: 0.7, deviation: 0, count: 1 });
  const { mean, deviation, count } = measured([2, 4, 4, 4, 5, 5, 7, 9]);
  assertEquals([mean, count], [5, 8]);
  assertAlmostEquals(deviation, Math.sqrt(32 / 7), 1e-12);
  assertEquals(measured([0.5, 0.5, 0.5]).deviation, 0);
});

Deno.test("the noise over seeds is that of all settings together, each by how many seeds it has", () => {
  // 0.7 ± 0.1 (2 seeds), 0.5 ± 0.02 (3 seeds), and a single one, which says nothing about noise
  const settings = [
    { mean: 0.7, deviation: 0.1, count: 2 },
    { mean: 0.5, deviation: 0.02, count: 3 },
    { mean: 0.9, deviation: 0, count: 1 },
  ];
  const { deviation, from } = noiseOf(settings, 100);
  assertEquals(from, "seeds");
  assertAlmostEquals(deviation, Math.sqrt((0.01 + 2 * 0.0004) / 3), 1e-12);
  // the pooled deviation of equal groups is that of each
  const alike = [1, 2, 3].map((shift) => measured([shift + 0.1, shift - 0.1, shift]));
  assertAlmostEquals(noiseOf(alike, 50).deviation, 0.1, 1e-12);
  assertEquals(noiseOf(alike, 5).deviation, 0.2); // less than one picture cannot be told
});

Deno.test("with one seed each the noise is what chance makes of the best accuracy on so many pictures", () => {
  const settings = [measured([0.6]), measured([0.8]), measured([0.7])];
  assertEquals(noiseOf(settings, 400), { deviation: Math.sqrt(0.8 * 0.2 / 400), from: "pictures", freedom: Infinity });
  assertEquals(noiseOf([], 0), { deviation: 0, from: "pictures", freedom: Infinity });
});

Deno.test("the difference of two means is as noisy as both", () => {
  assertAlmostEquals(noiseOfDifference(0.1, { count: 1 }, { count: 1 }), 0.1 * Math.SQRT2, 1e-12);
  assertAlmostEquals(noiseOfDifference(0.1, { count: 4 }, { count: 2 }), 0.1 * Math.sqrt(0.75), 1e-12);
});

Deno.test("the normal distribution, as tables have it", () => {
  const table = [
    [-6, 9.865876e-10],
    [-2, 0.0227501319],
    [-1, 0.1586552539],
    [0, 0.5],
    [0.5, 0.6914624613],
    [1.6448536270, 0.95],
    [1.9599639845, 0.975],
    [3, 0.9986501020],
  ];
  for (const [z, share] of table) assertAlmostEquals(normalShare(z), share, 1e-7, String(z));
  assertEquals([normalShare(40), normalShare(-40)], [1, 0]);
});

Deno.test("how sure it is that one is behind: from chance to certainty, more so on more pictures", () => {
  assertAlmostEquals(sureness(0.7, 0.7, 100), 0.5, 1e-7);
  // 0.1 apart, ± √(0.21 + 0.24) / 10 = 0.0671
  assertAlmostEquals(sureness(0.7, 0.6, 100), normalShare(0.1 / Math.sqrt(0.0045)), 1e-12);
  assertAlmostEquals(sureness(0.7, 0.6, 100), 0.93198, 1e-4);
  assertAlmostEquals(sureness(0.7, 0.6, 10_000), 1, 1e-7);
  assertEquals([sureness(1, 0, 10), sureness(1, 1, 10), sureness(0, 0, 10)], [1, 0.5, 0.5]);
});
