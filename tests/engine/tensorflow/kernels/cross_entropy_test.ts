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
