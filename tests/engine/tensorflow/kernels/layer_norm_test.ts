import * as tf from "@tensorflow/tfjs";
import { layerNorm } from "../../../../lib/engine/ops/layer_norm.ts";
import { assertClose, plain, read, tensor } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

const shapes = [[6, 5], [1, 8], [3, 1], [70, 96]];

onTensorFlow("layer norm on TensorFlow, forward and gradient", async () => {
  for (const [rows, channels] of shapes) {
    for (const epsilon of [1e-6, 1e-2]) {
      const inputs = [
        plain("x", [rows, channels], -2, 5),
        plain("scale", [channels], 0.5, 2),
        plain("offset", [channels]),
      ];
      await assertAgreement(`[${rows}, ${channels}]`, inputs, (x, scale, offset) => {
        return layerNorm(x as tf.Tensor2D, scale as tf.Tensor1D, offset as tf.Tensor1D, epsilon);
      });
      await assertAgreement(`[${rows}, ${channels}], no scale, no offset`, inputs.slice(0, 1), (x) => {
        return layerNorm(x as tf.Tensor2D, undefined, undefined, epsilon);
      });
    }
  }
});

onTensorFlow("layer norm of rows far from 0 keeps its digits", async () => {
  const { data } = plain("x", [4, 64]);
  const rows = { shape: [4, 64], data: data.map((value) => value + 100) };
  const compute = async (engine: string) => {
    await tf.setBackend(engine);
    return await read(tf.tidy(() => layerNorm(tensor<tf.Tensor2D>(rows), undefined, undefined, 1e-5)));
  };
  assertClose(await compute("tensorflow"), await compute("cpu"), 1e-4);
});
