import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { gelu, hardsigmoid, hardswish, silu } from "../../../../lib/engine/ops/activations.ts";
import { plain, tensor, withGradients } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

onTensorFlow("relu and relu6 on TensorFlow, forward and gradient", async () => {
  for (const [low, high, whole] of [[-3, 3, false], [-3, 10, true], [-1e-30, 1e-30, false]] as const) {
    for (const shape of [[2, 5, 4, 3], [7], [2, 0]]) {
      await assertAgreement(`relu [${shape}]`, [plain("x", shape, low, high, whole)], (x) => tf.relu(x));
      await assertAgreement(`relu6 [${shape}]`, [plain("x", shape, low, high, whole)], (x) => tf.relu6(x));
    }
  }
});

const smooth: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  "leaky relu": (x) => tf.leakyRelu(x, 0.3),
  silu,
  hardswish,
  hardsigmoid,
  gelu,
  "gelu by tanh": (x) => gelu(x, "tanh"),
};

for (const [name, activation] of Object.entries(smooth)) {
  onTensorFlow(`${name} on TensorFlow, forward and gradient`, async () => {
    for (const [low, high, whole] of [[-3, 3, false], [-20, 20, false], [-5, 6, true]] as const) {
      for (const shape of [[2, 5, 4, 3], [7], [2, 0]]) {
        await assertAgreement(`${name} [${shape}]`, [plain("x", shape, low, high, whole)], activation);
      }
    }
  });
}

for (const engine of ["tensorflow", "cpu"]) {
  onTensorFlow(`relu passes no gradient at 0, relu6 none at 0 and 6, as in PyTorch (${engine})`, async () => {
    await tf.setBackend(engine);
    const x = tensor({ shape: [6], data: new Float32Array([-1, 0, 1, 5.9999995, 6, 7]) });
    const ones = (shape: number[]) => ({ shape, data: new Float32Array(6).fill(1) });
    const [, relu] = await withGradients([x], () => tf.relu(x), ones);
    const [, relu6] = await withGradients([x], () => tf.relu6(x), ones);
    assertEquals([...relu.data], [0, 0, 1, 1, 1, 1]);
    assertEquals([...relu6.data], [0, 0, 1, 1, 0, 0]);
    x.dispose();
  });
}
