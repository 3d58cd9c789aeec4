import { assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { sparseCrossEntropy } from "../../../../lib/engine/ops/cross_entropy.ts";
import { plain } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

onTensorFlow("cross entropy on TensorFlow, forward and gradient", async () => {
  for (const [rows, classes, range] of [[5, 7, 3], [1, 2, 1], [64, 1000, 10], [4, 3, 80]]) {
    const labels = Array.from({ length: rows }, (_, i) => (7 * i) % classes);
    await assertAgreement(
      `[${rows}, ${classes}] ± ${range}`,
      [plain("logits", [rows, classes], -range, range)],
      (logits) => sparseCrossEntropy(logits as tf.Tensor2D, tf.tensor1d(labels, "int32")),
    );
  }
});

onTensorFlow("a label that is no class is refused before a card gets it, which would say nothing", () => {
  const { kernelFunc } = tf.getKernel("ThawCrossEntropy", "tensorflow");
  const [logits, labels] = [tf.zeros([2, 3]), tf.tensor1d([0, 3], "int32")];
  const card = {
    tensorMap: (tf.backend() as unknown as { tensorMap: unknown }).tensorMap,
    executeMultipleOutputs: () => [tf.fill([2], NaN), tf.fill([2, 3], NaN)],
  };
  assertThrows(
    () => kernelFunc({ inputs: { logits, labels }, backend: card }),
    RangeError,
    "Cannot compute the cross entropy: expected labels from 0 to 2, found 3",
  );
  tf.dispose([logits, labels]);
});
