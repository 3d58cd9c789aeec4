import { assertAlmostEquals, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { logME } from "../../../lib/study/transfer/log_me.ts";
import { featuresOf, figures } from "../../golden/transferability.ts";
import { uniform } from "../../golden/values.ts";

for (const one of figures.cases) {
  Deno.test(`LogME of the ${one.name} features is the largest evidence, found without its fixed point`, async () => {
    const { features, labels } = featuresOf(one);
    assertAlmostEquals(await logME(features, labels), one.logME, 1e-6 * Math.abs(one.logME));
  });
}

Deno.test("LogME depends neither on the features' scale nor on what the classes are called", async () => {
  const { features, labels } = featuresOf(figures.cases[1]);
  const expected = await logME(features, labels);
  const scaled = { ...features, values: features.values.map((value) => 2 ** -12 * value) };
  assertAlmostEquals(await logME(scaled, labels), expected, 1e-9);
  assertAlmostEquals(await logME(features, labels.map((label) => 10 - 3 * label)), expected, 1e-12);
});

Deno.test("LogME: of many samples each class gives its share, the same ones every time", async () => {
  const { features, labels } = featuresOf(figures.cases[1]);
  const part = await logME(features, labels, { maxSamples: 60 });
  assertEquals(await logME(features, labels, { maxSamples: 60 }), part);
  assertAlmostEquals(part, figures.cases[1].logME, 0.2);
  assertEquals(await logME(features, labels, { maxSamples: features.rows }), await logME(features, labels));
});

Deno.test("LogME stays finite where features are nothing, and where they are the labels themselves", async () => {
  const labels = Array.from({ length: 12 }, (_, i) => i % 3);
  const nothing = await logME({ rows: 12, columns: 2, values: new Float32Array(24) }, labels);
  // N(0, 1/β) alone, β = N/|y|² = 3: ½ (log 3 − 1 − log 2π)
  assertAlmostEquals(nothing, 0.5 * (Math.log(3) - 1 - Math.log(2 * Math.PI)), 1e-9);
  const exact = Float32Array.from({ length: 36 }, (_, k) => Number(labels[Math.floor(k / 3)] === k % 3));
  const all = await logME({ rows: 12, columns: 3, values: exact }, labels);
  assertGreater(all, 5);
  assertEquals(Number.isFinite(all), true);
  const square = Float32Array.from(uniform("square", 144)); // as many features as samples: they explain anything
  assertEquals(Number.isFinite(await logME({ rows: 12, columns: 12, values: square }, labels)), true);
});

Deno.test("LogME ends where it is told to", async () => {
  const { features, labels } = featuresOf(figures.cases[1]);
  const pause = () => Promise.reject(new DOMException("stop", "AbortError"));
  const error = await assertRejects(() => logME(features, labels, { pause }), DOMException, "stop");
  assertEquals(error.name, "AbortError");
});

Deno.test("LogME names what does not fit", async () => {
  const features = { rows: 2, columns: 1, values: Float32Array.of(1, 2) };
  await assertRejects(
    () => logME(features, [0]),
    TypeError,
    "Cannot compute LogME: expected 2 labels, one for each row of the features, found 1",
  );
  await assertRejects(
    () => logME(features, [0, 0.5]),
    RangeError,
    "Cannot compute LogME: expected labels that are whole numbers from 0, found 0.5",
  );
  await assertRejects(
    () => logME({ ...features, rows: 3 }, [0, 1, 2]),
    TypeError,
    "Cannot compute LogME: expected features { rows, columns, values } of some samples, found 2 values for [3, 1]",
  );
  await assertRejects(
    () => logME(features, [0, 1], { maxSamples: 0 }),
    RangeError,
    "Cannot compute LogME: expected maxSamples to be a whole number ≥ 1, found 0",
  );
});
