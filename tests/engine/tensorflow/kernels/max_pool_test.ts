import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { maxPool2d } from "../../../../lib/engine/ops/max_pool.ts";
import type { PoolGeometry } from "../../../../lib/engine/ops/pool_geometry.ts";
import { type Plain, plain, read, tensor, withGradients } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

const geometries: PoolGeometry[] = [
  { kernel: [2, 2], stride: [2, 2], padding: [0, 0], ceilMode: false },
  { kernel: [3, 3], stride: [2, 2], padding: [1, 1], ceilMode: false },
  { kernel: [3, 3], stride: [1, 1], padding: [1, 1], ceilMode: false },
  { kernel: [3, 3], stride: [2, 2], padding: [0, 0], ceilMode: true },
  { kernel: [3, 3], stride: [2, 2], padding: [1, 1], ceilMode: true },
  { kernel: [2, 3], stride: [3, 2], padding: [1, 0], ceilMode: true },
  { kernel: [3, 2], stride: [1, 2], padding: [0, 1], ceilMode: false },
  { kernel: [1, 1], stride: [2, 2], padding: [0, 0], ceilMode: false },
  { kernel: [5, 5], stride: [1, 1], padding: [2, 2], ceilMode: false },
];

const inputs: [name: string, input: (shape: number[]) => Plain][] = [
  ["any numbers", (shape) => plain("x", shape)],
  ["negative numbers only, which padding must not beat", (shape) => plain("x", shape, -9, -1)],
  ["many ties", (shape) => plain("x", shape, 0, 3, true)],
  ["zeros, as after relu", (shape) => plain("x", shape, 0, 0)],
];

for (const [name, input] of inputs) {
  onTensorFlow(`max pool on TensorFlow, forward and gradient: ${name}`, async () => {
    for (const geometry of geometries) {
      for (const shape of [[2, 8, 7, 3], [1, 5, 9, 17]]) {
        await assertAgreement(
          JSON.stringify({ shape, ...geometry }),
          [input(shape)],
          (x) => maxPool2d(x as tf.Tensor4D, geometry),
        );
      }
    }
  });
}

onTensorFlow("max pool's gradient without oneDNN's workspace is the same", async () => {
  // What a GPU build runs: the kernels registered over a backend that has no oneDNN op.
  const { registerMaxPool } = await import("../../../../lib/engine/tensorflow/kernels/max_pool.ts");
  const kernels = ["ThawMaxPool", "ThawMaxPoolGradient"];
  const withdraw = () => {
    for (const kernel of kernels) tf.unregisterKernel(kernel, "tensorflow");
    tf.unregisterGradient("ThawMaxPool");
  };
  await tf.setBackend("tensorflow");
  // deno-lint-ignore no-explicit-any
  const backend = tf.backend() as any;
  withdraw();
  registerMaxPool({
    ...backend,
    executeMultipleOutputs() {
      throw new Error("no such op");
    },
  });
  try {
    for (const geometry of geometries) {
      const x = plain("x", [2, 8, 7, 3]);
      await assertAgreement(JSON.stringify(geometry), [x], (x) => maxPool2d(x as tf.Tensor4D, geometry));
    }
  } finally {
    await tf.setBackend("tensorflow");
    withdraw();
    registerMaxPool(backend);
  }
});

onTensorFlow("max pool sends the gradient of a tie to the first of the equals", async () => {
  await tf.setBackend("tensorflow");
  const x = tensor<tf.Tensor4D>({ shape: [1, 2, 2, 1], data: new Float32Array([1, 5, 5, 5]) });
  const geometry: PoolGeometry = { kernel: [2, 2], stride: [2, 2], padding: [0, 0], ceilMode: false };
  const ones = (shape: number[]) => ({ shape, data: new Float32Array([1]) });
  const [y, dx] = await withGradients([x], () => maxPool2d(x, geometry), ones);
  assertEquals([[...y.data], [...dx.data]], [[5], [0, 1, 0, 0]]);
  assertEquals((await read(x)).data.length, 4);
});
