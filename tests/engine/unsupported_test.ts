import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { explainUnsupported, useEngine } from "../../lib/engine/mod.ts";
import "./tensorflow/tensorflow_for_tests.ts";

Deno.test("a step that wasm cannot do names the rungs that can", async () => {
  await useEngine("wasm");
  try {
    const x = tf.ones<tf.Rank.R4>([1, 4, 4, 1]), filter = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);
    const slope = tf.grad((filter) => tf.conv2d(x, filter as tf.Tensor4D, 1, "same"));
    const error = assertThrows(() => tf.tidy(() => slope(filter)), Error);
    const explained = explainUnsupported(error) as Error;
    assertEquals(
      explained.message,
      "Cannot compute Conv2DBackpropFilter on wasm: this rung has no such kernel; " +
        'useEngine("tensorflow"), or "cpu" (slow), can',
    );
    assertStrictEquals(explained.cause, error);
    tf.dispose([x, filter]);
  } finally {
    await useEngine("tensorflow");
  }
});

Deno.test("a kernel that no rung has, one that only cpu has, and errors of another kind", () => {
  const explain = (kernel: string, backend: string) =>
    (explainUnsupported(new Error(`Kernel '${kernel}' not registered for backend '${backend}'`)) as Error).message;
  assertEquals(
    explain("Magic", "tensorflow"),
    "Cannot compute Magic on tensorflow: this rung has no such kernel; no other rung has it either",
  );
  tf.registerKernel({ kernelName: "OnlyHere", backendName: "cpu", kernelFunc: () => [] });
  assertEquals(
    explain("OnlyHere", "tensorflow"),
    'Cannot compute OnlyHere on tensorflow: this rung has no such kernel; useEngine("cpu") (slow) can',
  );
  tf.unregisterKernel("OnlyHere", "cpu");
  const other = new Error("something else");
  assertStrictEquals(explainUnsupported(other), other);
  assertStrictEquals(explainUnsupported("text"), "text");
});
