import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { filled } from "../../../lib/engine/ops/filled.ts";
import { lend } from "../../../lib/engine/ops/lend.ts";
import { applyGradientDescent } from "../../../lib/engine/ops/update.ts";
import { ownedVariable } from "../../../lib/engine/ops/variable.ts";
import { onEachEngine } from "../../tensors.ts";

const bytesOf = (...numbers: number[]) => new Uint8Array(Float32Array.from(numbers).buffer);
const numbersOf = (bytes: Uint8Array) => [...new Float32Array(bytes.slice().buffer)];

onEachEngine("a tensor's bytes are written where they stay, and lent from there", async () => {
  const x = filled([2, 2], (bytes) => bytes.set(bytesOf(1, 2, 3, 4)));
  assertEquals([x.shape, x.dtype, [...await x.data()]], [[2, 2], "float32", [1, 2, 3, 4]]);
  assertEquals(await lend(x, (bytes) => Promise.resolve(numbersOf(bytes))), [1, 2, 3, 4]);
  const sum = tf.sum(x);
  assertEquals((await sum.data())[0], 10);
  const none = filled([0, 3], (bytes) => assertEquals(bytes.length, 0));
  assertEquals([none.shape, await lend(none, ({ length }) => Promise.resolve(length))], [[0, 3], 0]);
  tf.dispose([x, sum, none]);
});

onEachEngine("what fails while it is written or lent leaves nothing behind", async () => {
  const fail = () => {
    throw new RangeError("the file ends too early");
  };
  assertThrows(() => filled([3], fail), RangeError, "the file ends too early");
  const x = tf.tensor([1, 2]);
  await assertRejects(() => lend(x, () => Promise.reject(new Error("the disk is full"))), Error, "the disk is full");
  assertEquals([...await x.data()], [1, 2]);
  x.dispose();
});

onEachEngine("what is lent stays as it is while training changes the tensor", async () => {
  const weight = ownedVariable(tf.tensor([1, 2])), gradient = tf.tensor([1, 1]);
  const lent = await lend(weight, async (bytes) => {
    applyGradientDescent(weight, gradient, 1);
    await Promise.resolve();
    return numbersOf(bytes);
  });
  assertEquals([lent, [...await weight.data()]], [[1, 2], [0, 1]]);
  tf.dispose([weight, gradient]);
});
