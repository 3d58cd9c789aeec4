import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { CApi } from "../../../lib/engine/tensorflow/capi.ts";
import { Constants } from "../../../lib/engine/tensorflow/constants.ts";
import { applyGradientDescent } from "../../../lib/engine/ops/update.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

const { binding } = await tensorflowBackend();
const { TF_FLOAT, TF_INT32 } = binding;

Deno.test("single float32 numbers and nothing at all are constants, by value and shape", () => {
  const key = (shape: number[], ...values: number[]) => Constants.key(shape, TF_FLOAT, Float32Array.from(values));
  assertEquals(key([], 0.5), key([], 0.5));
  const keys = [key([], 0.5), key([1], 0.5), key([1, 1], 0.5), key([], 0), key([], -0), key([], NaN), key([0])];
  assertEquals(new Set(keys).size, keys.length);
  assertEquals(key([2], 1, 2), undefined);
  assertEquals(Constants.key([], TF_INT32, Int32Array.of(1)), undefined);
});

Deno.test("what was not used for longest is let go", () => {
  const freed: unknown[] = [];
  const constants = new Constants(
    { TFE_DeleteTensorHandle: (one: unknown) => void freed.push(one) } as unknown as CApi,
  );
  const handle = (i: number) => i as unknown as Deno.PointerValue;
  for (let i = 1; i <= 512; i++) constants.keep(`${i}`, handle(i));
  assertEquals(constants.find("1"), handle(1)); // used again
  constants.keep("513", handle(513));
  assertEquals(freed, [2]);
  assertEquals([constants.find("2"), constants.find("1")], [undefined, handle(1)]);
});

Deno.test("a number is brought to the device once; its tensors are freed one by one", () => {
  const { uploads } = binding.traffic;
  const before = binding.getNumOfTensors();
  const ids = [1, 2, 3].map(() => binding.createTensor([1, 1], TF_FLOAT, Float32Array.of(0.3712)));
  assertEquals(binding.traffic.uploads - uploads, 1);
  assertNotEquals(ids[0], ids[1]);
  binding.deleteTensor(ids[0]);
  assertEquals([...binding.tensorDataSync(ids[2]) as Float32Array], [Math.fround(0.3712)]);
  ids.slice(1).forEach((id) => binding.deleteTensor(id));
  assertEquals(binding.getNumOfTensors(), before);
});

Deno.test("training a weight that began as a constant leaves the constant alone", () => {
  const weight = tf.variable(tf.tensor1d([0.625]));
  for (let step = 0; step < 3; step++) tf.tidy(() => applyGradientDescent(weight, tf.tensor1d([1]), 0.125));
  assertEquals([...weight.dataSync()], [0.25]);
  const again = tf.tensor1d([0.625]);
  assertEquals([...tf.tidy(() => tf.mul(again, 1)).dataSync()], [0.625]);
  tf.dispose([weight, again]);
});
