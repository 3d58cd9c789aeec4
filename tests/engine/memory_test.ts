import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { engine, memoryInUse, releaseForgotten, tensorMemory, useEngine } from "../../lib/engine/mod.ts";
import { tensorflowBackend } from "./tensorflow/tensorflow_for_tests.ts";

const { binding } = await tensorflowBackend();

/** Makes tensors of 40 kB that nobody keeps. */
function forget(count: number): void {
  for (let i = 0; i < count; i++) tf.add(tf.fill([100, 100], i), 1);
}

Deno.test("forgotten tensors are freed, and tfjs's counts are right again", async () => {
  await releaseForgotten();
  const counts = () => {
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    return { numTensors, numDataBuffers, numBytes, native: binding.getNumOfTensors(), ...memoryInUse() };
  };
  const before = counts();
  forget(2000);
  tf.concat([tf.tensor1d(["a", "b"]), tf.tensor1d(["c"])]);
  tf.scalar(1, "bool").logicalNot();
  tf.complex([1], [2]);
  assertGreater(counts().native, before.native + 4000);
  await releaseForgotten();
  assertEquals(counts(), before);
});

Deno.test("tensors that share data are forgotten together", async () => {
  await releaseForgotten();
  const before = tf.memory().numTensors;
  let held: tf.Tensor | undefined = tf.ones([10]);
  (() => void held.clone())();
  await releaseForgotten();
  assertEquals(tf.memory().numTensors, before + 2); // nobody has the clone, but its data is in use
  held = undefined;
  await releaseForgotten();
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("a tensor that is held keeps its values, whatever is collected around it", async () => {
  const held = tf.tensor1d([1, 2, 3]), product = tf.mul(held, 2);
  forget(100);
  await releaseForgotten();
  assertEquals([...await product.data()], [2, 4, 6]);
  assertEquals([...await held.data()], [1, 2, 3]);
  tf.dispose([held, product]);
  await releaseForgotten();
});

Deno.test("the collector is called when enough was forgotten, in a loop that awaits nothing but tensors", async () => {
  await releaseForgotten();
  const before = memoryInUse().bytes;
  let most = 0;
  for (let i = 0; i < 60; i++) {
    const x = tf.fill([1024, 1024, 4], i); // 16 MiB; 960 MiB in all
    await tf.max(x).data();
    most = Math.max(most, memoryInUse().bytes - before);
  }
  assertLess(most, 400 * 1024 * 1024);
  await releaseForgotten();
});

for (const name of ["wasm", "cpu"] as const) {
  Deno.test(`forgotten tensors are freed on ${name}, and a disposed one is not freed twice`, async () => {
    const before = engine().backend;
    await useEngine(name);
    try {
      await releaseForgotten();
      const start = { ...memoryInUse(), jsBytes: tf.memory().numBytes };
      forget(500);
      const disposed = tf.ones([1000]), values = disposed.data();
      disposed.dispose();
      assertEquals((await values)[999], 1);
      assertGreater(memoryInUse().tensors, start.tensors + 500);
      await releaseForgotten();
      assertEquals({ ...memoryInUse(), jsBytes: tf.memory().numBytes }, start);
    } finally {
      await useEngine(before);
    }
  });
}

Deno.test("tensors that moved to another rung are freed there", async () => {
  await releaseForgotten();
  const start = memoryInUse(), native = binding.getNumOfTensors();
  let x: tf.Tensor | undefined = tf.add(tf.tensor1d([1, 2]), 1);
  await useEngine("cpu");
  tf.neg(x);
  assertEquals([...await x.data()], [2, 3]);
  await useEngine("tensorflow");
  x = undefined;
  await releaseForgotten();
  assertEquals(memoryInUse(), start);
  assertEquals(binding.getNumOfTensors(), native);
});

Deno.test("tensors have the card's memory where one computes, else the machine's", () => {
  const card = { name: "NVIDIA H100", memoryBytes: 80 * 1024 ** 3, computeCapability: "9.0" };
  assertEquals(tensorMemory({ card }), 80 * 1024 ** 3);
  assertEquals(tensorMemory({}), Deno.systemMemoryInfo().total);
});
