import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { TensorflowBackend } from "../../../../lib/engine/tensorflow/backend.ts";
import { bring } from "../../../../lib/engine/ops/bring.ts";
import { plain } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

onTensorFlow("gathering by positions that TensorFlow has", async () => {
  for (const axis of [0, 1, 2]) {
    await assertAgreement(`axis ${axis}`, [plain("x", [2, 3, 4])], (x) => {
      const positions = tf.tensor1d([1, 0, 1], "int32");
      bring(positions);
      return tf.gather(x, positions, axis);
    });
  }
});

onTensorFlow("positions are not read back, and those that are not there refused", async () => {
  await tf.setBackend("tensorflow");
  const { traffic } = (tf.backend() as TensorflowBackend).binding;
  const [labels, positions] = [tf.tensor1d([5, 6, 7], "int32"), tf.tensor1d([2, 0], "int32")];
  bring(positions);
  const before = traffic.reads;
  const taken = tf.gather(labels, positions);
  assertEquals(traffic.reads, before);
  assertEquals([...taken.dataSync()], [7, 5]);
  const wrong = tf.tensor1d([3], "int32");
  assertThrows(() => tf.gather(labels, wrong), Error, "the index value 3 is not in [0, 2]");
  bring(wrong);
  assertThrows(
    () => tf.gather(labels, wrong),
    Error,
    "Cannot run GatherV2 on [3] int32, [1] int32, [] int32: indices[0] = 3",
  );
  tf.dispose([labels, positions, taken, wrong]);
});
