import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { minimize } from "../../../lib/study/transfer/lbfgs.ts";

/** Σ wᵢ (xᵢ − i)², its curvatures a thousandfold apart. */
function valley(point: Float64Array) {
  const weight = (i: number) => 10 ** (i / 3);
  const value = point.reduce((sum, x, i) => sum + weight(i) * (x - i) ** 2, 0);
  return Promise.resolve({ value, gradient: point.map((x, i) => 2 * weight(i) * (x - i)) });
}

Deno.test("minimize finds the bottom of a long valley", async () => {
  const { point, value, gradient, steps } = await minimize(valley, new Float64Array(10), { tolerance: 1e-8 });
  point.forEach((x, i) => assertAlmostEquals(x, i, 1e-7));
  assertLess(value, 1e-12);
  assertLess(Math.max(...gradient.map(Math.abs)), 1e-8);
  assertLess(steps, 100);
});

Deno.test("minimize stops at the bottom, after the steps it is given, and where rounding hides any descent", async () => {
  assertEquals((await minimize(valley, Float64Array.of(0, 1, 2))).steps, 0);
  assertEquals((await minimize(valley, new Float64Array(10), { steps: 3 })).steps, 3);
  // a value in few digits and a gradient that never ends
  const coarse = ([x]: Float64Array) =>
    Promise.resolve({ value: Math.round(x * x * 100) / 100, gradient: Float64Array.of(2 * x + 1e-3) });
  const { point } = await minimize(coarse, Float64Array.of(3), { tolerance: 1e-9 });
  assertAlmostEquals(point[0], 0, 0.1);
});
