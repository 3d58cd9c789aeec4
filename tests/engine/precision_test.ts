import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { engine, precision, useEngine, usePrecision } from "../../lib/engine/mod.ts";
import { type Precision, precisionNote } from "../../lib/engine/precision.ts";
import { runThaw } from "./process.ts";
import { tensorflowBackend } from "./tensorflow/tensorflow_for_tests.ts";

await tensorflowBackend();

/** Computes in a precision and goes back to float32, whatever happens. */
async function within<T>(wanted: Precision, compute: () => T | Promise<T>): Promise<T> {
  usePrecision(wanted);
  try {
    return await compute();
  } finally {
    usePrecision("float32");
  }
}

Deno.test("float32 is what is computed in, unless something else is asked for", async () => {
  assertEquals([precision(), engine().precision, precisionNote()], ["float32", "float32", {}]);
  await within("bfloat16", () => {
    assertEquals([precision(), engine().precision, precisionNote()], ["bfloat16", "bfloat16", {
      precision: "bfloat16",
    }]);
    assertEquals(JSON.parse(JSON.stringify(engine())).precision, "bfloat16");
  });
  assertEquals(engine().precision, "float32");
});

Deno.test("the report tells the precision, and that tf32 is a card's", { ignore: engine().gpu }, async () => {
  assertMatch(String(engine()), /precision +float32\n/);
  await within("tf32", () => assertMatch(String(engine()), /precision +tf32, which is float32 without a card\n/));
});

Deno.test("a product has as many binary places as the precision, and is read as float32", async () => {
  const product = async () => {
    const [a, b] = [tf.tensor2d([[1 + 2 ** -9]]), tf.tensor2d([[1 + 2 ** -7]])];
    const c = tf.matMul(a, b);
    const values = await c.data();
    tf.dispose([a, b, c]);
    return [c.dtype, values.constructor.name, values[0]];
  };
  assertEquals(await product(), ["float32", "Float32Array", Math.fround((1 + 2 ** -9) * (1 + 2 ** -7))]);
  assertEquals(await within("bfloat16", product), ["float32", "Float32Array", 1 + 2 ** -7]);
});

Deno.test("what is no precision is refused, and leaves everything as it was", () => {
  const error = assertThrows(() => usePrecision("half" as Precision), RangeError);
  assertEquals(
    error.message,
    'Cannot compute in a precision (usePrecision): expected one of "float32", "tf32", "bfloat16", found "half"',
  );
  assertEquals(precision(), "float32");
});

Deno.test("a rung that knows float32 alone says so, and stays in it", async () => {
  await useEngine("cpu");
  try {
    const error = assertThrows(() => usePrecision("bfloat16"), Error);
    assertEquals(
      error.message,
      'Cannot compute in bfloat16 on cpu: it knows float32 alone; useEngine("tensorflow"), or stay with usePrecision("float32")',
    );
    assertEquals(precision(), "float32");
    usePrecision("float32");
  } finally {
    await useEngine("tensorflow");
  }
});

Deno.test("such a rung is not taken while another precision is in use", async () => {
  await within("bfloat16", async () => {
    const error = await assertRejects(() => useEngine("wasm"), Error);
    assertStringIncludes(
      error.message,
      "Cannot use the engine wasm (useEngine): Cannot compute in bfloat16 on wasm: it knows float32 alone",
    );
    assertEquals([engine().backend, tf.getBackend(), precision()], ["tensorflow", "tensorflow", "bfloat16"]);
    await useEngine("tensorflow"); // which goes on in it
    assertEquals((await tf.matMul([[1 + 2 ** -9]], [[1]]).data())[0], 1);
  });
});

Deno.test("THAW_PRECISION says it from the start", async () => {
  const report = `import { engine } from "./lib/engine/mod.ts"; console.log(engine().backend, engine().precision);`;
  assertEquals((await runThaw(report, { THAW_PRECISION: "tf32" })).out.trim(), "tensorflow tf32");
  const wrong = await runThaw(report, { THAW_PRECISION: "fp8" });
  assertEquals(wrong.code, 1);
  assertStringIncludes(
    wrong.err,
    'Cannot compute in a precision (THAW_PRECISION): expected one of "float32", "tf32", "bfloat16", found "fp8"',
  );
  const slow = await runThaw(report, { THAW_PRECISION: "bfloat16", THAW_ENGINE: "cpu" });
  assert(slow.code !== 0);
  assertStringIncludes(slow.err, "Cannot use the engine cpu (THAW_ENGINE): Cannot compute in bfloat16 on cpu");
});
