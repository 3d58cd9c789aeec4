import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { TensorflowBackend } from "../../../../lib/engine/tensorflow/backend.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";
import { plain } from "../../../tensors.ts";

for (const value of [0, 1.5, -Infinity]) {
  onTensorFlow(`padding with ${value}`, async () => {
    const x = plain("x", [2, 3, 4, 2]);
    const sides: [number, number][] = [[0, 0], [1, 2], [0, 3], [0, 0]];
    // What is padded with an infinity would make a sum of infinities.
    const finite = (y: tf.Tensor) => tf.clipByValue(y, -9, 9);
    await assertAgreement("padding", [x], (x) => finite(tf.pad(x, sides, value)));
  });
}

onTensorFlow("whole numbers and truth values are padded too", async () => {
  await tf.setBackend("tensorflow");
  const padded = tf.tidy(() => [
    tf.pad(tf.tensor1d([1, 2], "int32"), [[1, 1]], 7),
    tf.pad(tf.tensor1d([1, 1], "bool"), [[0, 2]]),
  ]);
  assertEquals(padded.map((one) => [one.dtype, ...one.dataSync()]), [["int32", 7, 1, 2, 7], ["bool", 1, 1, 0, 0]]);
  tf.dispose(padded);
});

onTensorFlow("what is bfloat16 stays so", async () => {
  await tf.setBackend("tensorflow");
  const backend = tf.backend() as TensorflowBackend;
  const { binding } = backend;
  const cast = [["SrcT", 1], ["DstT", 14]].map(([name, value]) => ({ name: `${name}`, type: 4, value }));
  const narrow = tf.tidy(() => backend.executeSingleOutput("Cast", cast, [tf.tensor1d([1, 2])]));
  binding.autocast = true;
  try {
    for (const value of [0, -Infinity]) {
      const padded = tf.pad(narrow, [[1, 0]], value);
      assertEquals(binding.dtype(backend.getInputTensorIds([padded])[0]), 14);
      assertEquals([...padded.dataSync()], [value, 1, 2]);
      padded.dispose();
    }
  } finally {
    binding.autocast = false;
    narrow.dispose();
  }
});
