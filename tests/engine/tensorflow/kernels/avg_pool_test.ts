import type * as tf from "@tensorflow/tfjs";
import { adaptiveAvgPool2d, avgPool2d, type AvgPoolGeometry } from "../../../../lib/engine/ops/avg_pool.ts";
import { plain } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

const windows: Pick<AvgPoolGeometry, "kernel" | "stride" | "padding">[] = [
  { kernel: [2, 2], stride: [2, 2], padding: [0, 0] },
  { kernel: [3, 3], stride: [2, 2], padding: [1, 1] },
  { kernel: [3, 3], stride: [1, 1], padding: [1, 1] },
  { kernel: [2, 3], stride: [3, 2], padding: [1, 0] },
  { kernel: [1, 4], stride: [1, 3], padding: [0, 2] },
];

onTensorFlow("avg pool on TensorFlow, forward and gradient", async () => {
  for (const window of windows) {
    for (const ceilMode of [false, true]) {
      for (const countIncludePad of [false, true]) {
        for (const divisorOverride of [undefined, 3]) {
          const geometry = { ...window, ceilMode, countIncludePad, divisorOverride };
          for (const shape of [[2, 8, 7, 3], [1, 5, 9, 2]]) {
            await assertAgreement(
              JSON.stringify({ shape, ...geometry }),
              [plain("x", shape)],
              (x) => avgPool2d(x as tf.Tensor4D, geometry),
            );
          }
        }
      }
    }
  }
});

onTensorFlow("adaptive avg pool on TensorFlow, forward and gradient", async () => {
  for (const shape of [[2, 6, 8, 3], [1, 7, 7, 2], [1, 1, 1, 4]]) {
    for (const size of [[1, 1], [2, 4], [3, 5], [7, 7], [6, 8], [9, 10], [6, 3]] as [number, number][]) {
      await assertAgreement(`[${shape}] to [${size}]`, [plain("x", shape)], (x) => {
        return adaptiveAvgPool2d(x as tf.Tensor4D, size);
      });
    }
  }
});
