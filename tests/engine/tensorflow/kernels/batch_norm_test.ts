import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { batchNorm, batchNormTraining } from "../../../../lib/engine/ops/batch_norm.ts";
import { plain } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

const shapes = [[2, 3, 4, 5], [1, 7, 1, 3], [4, 1, 1, 2], [2, 2, 2, 1]];

function inputs(shape: number[]) {
  const channels = [shape[3]];
  return {
    x: plain("x", shape, -2, 5),
    scale: plain("scale", channels, 0.5, 1.5),
    offset: plain("offset", channels),
    mean: plain("mean", channels),
    variance: plain("variance", channels, 0.2, 2),
  };
}

for (const epsilon of [1e-5, 1e-3]) {
  onTensorFlow(
    `batch norm with given statistics on TensorFlow, forward and gradients, epsilon ${epsilon}`,
    async () => {
      for (const shape of shapes) {
        const { x, scale, offset, mean, variance } = inputs(shape);
        await assertAgreement(`[${shape}]`, [x, scale, offset], (x, scale, offset) => {
          const [m, v] = [tf.tensor1d(mean.data), tf.tensor1d(variance.data)];
          return batchNorm(x as tf.Tensor4D, scale as tf.Tensor1D, offset as tf.Tensor1D, m, v, epsilon);
        });
      }
    },
  );

  onTensorFlow(`training batch norm on TensorFlow, gradients through the statistics, epsilon ${epsilon}`, async () => {
    for (const shape of shapes) {
      const { x, scale, offset, mean, variance } = inputs(shape);
      await assertAgreement(`[${shape}]`, [x, scale, offset], (x, scale, offset) => {
        const running = { mean: tf.tensor1d(mean.data), variance: tf.tensor1d(variance.data) };
        return batchNormTraining(x as tf.Tensor4D, scale as tf.Tensor1D, offset as tf.Tensor1D, running, 0.1, epsilon)
          .y;
      }, 1e-4);
    }
  });
}

onTensorFlow("training batch norm on TensorFlow moves the running mean and (unbiased) variance", async () => {
  for (const shape of shapes) {
    const { x, scale, offset, mean, variance } = inputs(shape);
    for (const statistic of ["mean", "variance"] as const) {
      await tf.setBackend("tensorflow");
      const compute = (x: tf.Tensor) => {
        const [s, o] = [tf.tensor1d(scale.data), tf.tensor1d(offset.data)];
        const running = { mean: tf.tensor1d(mean.data), variance: tf.tensor1d(variance.data) };
        return batchNormTraining(x as tf.Tensor4D, s, o, running, 0.3, 1e-5)[statistic];
      };
      const found = tf.tidy(() => compute(tf.tensor(x.data, shape)));
      await tf.setBackend("cpu");
      const expected = tf.tidy(() => compute(tf.tensor(x.data, shape)));
      const [a, b] = [await found.data(), await expected.data()];
      assertEquals(found.shape, [shape[3]]);
      a.forEach((value, i) => assertEquals(Math.abs(value - b[i]) < 1e-5, true, `${statistic} ${value} ${b[i]}`));
      tf.dispose([found, expected]);
    }
  }
});
