import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { conv2d, type Conv2dGeometry, samePadding } from "../../../../lib/engine/ops/conv2d.ts";
import { registerConv2d } from "../../../../lib/engine/tensorflow/kernels/conv2d.ts";
import type { OpRunner } from "../../../../lib/engine/tensorflow/kernels/op.ts";
import { plain, tensor } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

type Pair = [number, number];
type Sides = [number, number, number, number];

const sizes: Pair[] = [[9, 8], [7, 7]];
const kernels: Pair[] = [[1, 1], [2, 2], [3, 3], [3, 2], [4, 5]];
const strides: Pair[] = [[1, 1], [2, 2], [2, 1], [3, 2]];
const paddings: (Sides | "same")[] = [[0, 0, 0, 0], [1, 1, 1, 1], [3, 3, 3, 3], [0, 1, 0, 1], [1, 0, 2, 1], "same"];
const dilations: Pair[] = [[1, 1], [2, 2], [3, 3], [2, 1]];
const channels: [name: string, input: number, output: number, groups: number][] = [
  ["dense", 3, 5, 1],
  ["from one channel", 1, 3, 1],
  ["2 groups", 4, 6, 2],
  ["4 groups", 8, 4, 4],
  ["depthwise", 4, 4, 4],
  ["depthwise with multiplier 2", 4, 8, 4],
];

/** Every seventh of all combinations: a step that shares no factor with the lists' lengths meets every pair of values. */
function* geometries(): Generator<{ size: Pair; kernel: Pair; geometry: Omit<Conv2dGeometry, "groups"> }> {
  let n = 0;
  for (const size of sizes) {
    for (const kernel of kernels) {
      for (const stride of strides) {
        for (const sides of paddings) {
          for (const dilation of dilations) {
            if (n++ % 7 !== 0) continue;
            const padding: Sides = sides === "same"
              ? [0, 1].flatMap((axis) => samePadding(size[axis], kernel[axis], stride[axis], dilation[axis])) as Sides
              : sides;
            const reach = kernel.map((k, axis) => (k - 1) * dilation[axis] + 1);
            const fits = [0, 1].every((axis) => size[axis] + padding[2 * axis] + padding[2 * axis + 1] >= reach[axis]);
            if (fits) yield { size, kernel, geometry: { stride, padding, dilation } };
          }
        }
      }
    }
  }
}

for (const [name, input, output, groups] of channels) {
  onTensorFlow(`conv2d on TensorFlow, forward and both gradients: ${name}`, async () => {
    let count = 0;
    for (const { size, kernel, geometry } of geometries()) {
      const inputs = [plain("x", [2, ...size, input]), plain("filter", [...kernel, input / groups, output])];
      await assertAgreement(
        JSON.stringify({ size, kernel, ...geometry }),
        inputs,
        (x, filter) => conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, { ...geometry, groups }),
      );
      count++;
    }
    assertEquals(count > 100, true, `only ${count} geometries`);
  });
}

onTensorFlow("conv2d on a TensorFlow whose ops know neither groups nor dilation: the same gradients", async () => {
  // What a CPU build without oneDNN runs: the kernels registered over a backend on which every trial fails.
  const withdraw = () => {
    for (const kernel of ["", "InputGradient", "FilterGradient"]) {
      tf.unregisterKernel(`ThawConv2D${kernel}`, "tensorflow");
    }
    tf.unregisterGradient("ThawConv2D");
  };
  const fail = () => {
    throw new Error("no such op");
  };
  await tf.setBackend("tensorflow");
  const backend = tf.backend() as unknown as OpRunner;
  withdraw();
  registerConv2d({ ...backend, executeSingleOutput: fail, executeMultipleOutputs: fail, getInputTensorIds: fail });
  try {
    for (const [name, input, output, groups] of channels) {
      for (const [n, { size, kernel, geometry }] of [...geometries()].entries()) {
        if (n % 5) continue;
        await assertAgreement(
          JSON.stringify({ name, size, kernel, ...geometry }),
          [plain("x", [2, ...size, input]), plain("filter", [...kernel, input / groups, output])],
          (x, filter) => conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, { ...geometry, groups }),
        );
      }
    }
  } finally {
    await tf.setBackend("tensorflow");
    withdraw();
    registerConv2d(backend);
  }
});

onTensorFlow("conv2d on TensorFlow: batch 1, one pixel, one channel", async () => {
  const geometry: Conv2dGeometry = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 };
  for (const shape of [[1, 1, 1, 1], [1, 1, 1, 3], [1, 2, 1, 1]]) {
    const inputs = [plain("x", shape), plain("filter", [3, 3, shape[3], 2])];
    await assertAgreement(
      JSON.stringify(shape),
      inputs,
      (x, filter) => conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, geometry),
    );
  }
});

onTensorFlow("conv2d on TensorFlow computes no gradient that nobody asks for", async () => {
  await tf.setBackend("tensorflow");
  const x = tensor<tf.Tensor4D>(plain("x", [1, 5, 5, 2]));
  const filter = tensor<tf.Tensor4D>(plain("filter", [3, 3, 2, 4]));
  const geometry: Conv2dGeometry = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 };
  const ran: string[] = [];
  for (const asked of [x, filter]) {
    const profile = await tf.profile(() => {
      const { value, grads } = tf.engine().gradients(() => tf.sum(conv2d(x, filter, geometry)) as tf.Scalar, [asked]);
      tf.dispose([value, ...grads]);
    });
    ran.push(profile.kernelNames.filter((kernel) => kernel.startsWith("ThawConv2D")).sort().join(" "));
  }
  assertEquals(ran, ["ThawConv2D ThawConv2DInputGradient", "ThawConv2D ThawConv2DFilterGradient"]);
  tf.dispose([x, filter]);
});
