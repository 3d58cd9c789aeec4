import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { TensorflowBackend } from "../../../lib/engine/tensorflow/backend.ts";
import { constant } from "../../../lib/engine/ops/constant.ts";
import { onTensorFlow } from "../tensorflow/kernels/agreement.ts";
import { onEachEngine } from "../../tensors.ts";

onEachEngine("a constant has its values, type and shape, and is disposed of as any tensor", async () => {
  const [numbers, order] = [Float32Array.of(1, 2, 3, 4), Int32Array.of(2, 0)];
  for (let time = 0; time < 2; time++) {
    const made = [constant(numbers, [2, 2]), constant(order, [2]), constant(numbers, [4])];
    assertEquals(made.map(({ shape, dtype }) => [dtype, ...shape]), [["float32", 2, 2], ["int32", 2], ["float32", 4]]);
    assertEquals(await Promise.all(made.map(async (one) => [...await one.data()])), [[1, 2, 3, 4], [2, 0], [
      1,
      2,
      3,
      4,
    ]]);
    const rows = tf.tidy(() => tf.gather(tf.concat([made[0], made[0]]), made[1] as tf.Tensor1D));
    assertEquals([...await rows.data()], [1, 2, 1, 2]);
    tf.dispose([...made, rows]);
  }
});

onTensorFlow("an array is brought to the device once for each shape", async () => {
  await tf.setBackend("tensorflow");
  const { traffic } = (tf.backend() as TensorflowBackend).binding;
  const values = Int32Array.of(1, 2, 3, 4);
  const before = traffic.uploads;
  for (const shape of [[4], [2, 2], [4]]) constant(values, shape).dispose();
  assertEquals(traffic.uploads - before, 2);
  constant(values.slice(), [4]).dispose(); // another array with the same numbers
  assertEquals(traffic.uploads - before, 3);
});
