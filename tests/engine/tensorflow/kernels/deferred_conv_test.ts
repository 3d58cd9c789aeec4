import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { gelu, hardswish, silu } from "../../../../lib/engine/ops/activations.ts";
import { batchNorm } from "../../../../lib/engine/ops/batch_norm.ts";
import { conv2d, type Conv2dGeometry, samePadding } from "../../../../lib/engine/ops/conv2d.ts";
import { applyGradientDescent } from "../../../../lib/engine/ops/update.ts";
import { ownedVariable } from "../../../../lib/engine/ops/variable.ts";
import { assertClose, type Plain, plain, read, tensor } from "../../../tensors.ts";
import { onTensorFlow } from "./agreement.ts";

type Sides = [number, number, number, number];

const size: [number, number] = [7, 6];
const same = (kernel: number, stride: number): Sides =>
  size.flatMap((length) => samePadding(length, kernel, stride)) as Sides;

const convolutions: [name: string, filter: number[], geometry: Partial<Conv2dGeometry>][] = [
  ["1x1", [1, 1, 4, 8], {}],
  ["3x3, padded", [3, 3, 4, 8], { padding: [1, 1, 1, 1] }],
  ["3x3, stride 2, torch's padding", [3, 3, 4, 8], { stride: [2, 2], padding: [1, 1, 1, 1] }],
  ["3x3, stride 2, TensorFlow's padding", [3, 3, 4, 8], { stride: [2, 2], padding: same(3, 2) }],
  ["uneven", [3, 2, 4, 8], { stride: [2, 1], padding: [0, 1, 2, 0] }],
  ["dilated", [3, 3, 4, 8], { dilation: [2, 2], padding: [2, 2, 2, 2] }],
  ["2 groups", [3, 3, 2, 8], { groups: 2, padding: [1, 1, 1, 1] }],
  ["2 groups, stride 2", [3, 3, 2, 8], { groups: 2, stride: [2, 2], padding: [1, 1, 1, 1] }],
  ["depthwise", [3, 3, 1, 4], { groups: 4, padding: [1, 1, 1, 1] }],
  ["depthwise, stride 2", [3, 3, 1, 4], { groups: 4, stride: [2, 2], padding: [1, 1, 1, 1] }],
  ["depthwise, TensorFlow's padding", [3, 3, 1, 4], { groups: 4, stride: [2, 2], padding: same(3, 2) }],
  ["depthwise, multiplied", [3, 3, 1, 8], { groups: 4, padding: [1, 1, 1, 1] }],
  ["depthwise, unequal strides", [3, 3, 1, 8], { groups: 4, stride: [1, 2], padding: [1, 1, 1, 1] }],
  ["depthwise, dilated", [3, 3, 1, 4], { groups: 4, dilation: [2, 2], padding: [2, 2, 2, 2] }],
];

/** What may follow a convolution, one after the other; `tensors` gives one of the output's shape or channels by name. */
type Next = (y: tf.Tensor4D, tensors: (name: string, shape: number[], low?: number) => tf.Tensor) => tf.Tensor4D;

const bias: Next = (y, make) => tf.add(y, make("bias", [y.shape[3]]));
const norm: Next = (y, make) => {
  const channels = [y.shape[3]];
  const [scale, offset, mean, variance] = ["scale", "offset", "mean", "variance"].map((name) =>
    make(name, channels, name === "variance" ? 0.2 : -1) as tf.Tensor1D
  );
  return batchNorm(y, scale, offset, mean, variance, 1e-3);
};
const side: Next = (y, make) => tf.add(make("side", y.shape), y);
const self: Next = (y) => tf.add(y, y);
const scalar: Next = (y) => tf.add(y, 0.5);
const row: Next = (y, make) => tf.add(y, make("row", [1, 1, 1, y.shape[3]]));
const relu: Next = (y) => tf.relu(y);
const relu6: Next = (y) => tf.relu6(y);
const leaky: Next = (y) => tf.leakyRelu(y, 0.3);

const sequences: [name: string, steps: Next[]][] = [
  ["alone", []],
  ["relu", [relu]],
  ["bias", [bias]],
  ["bias, relu", [bias, relu]],
  ["bias, relu6", [bias, relu6]],
  ["norm", [norm]],
  ["norm, relu", [norm, relu]],
  ["norm, relu6", [norm, relu6]],
  ["bias, norm, relu", [bias, norm, relu]],
  ["norm, norm", [norm, norm]],
  ["norm, sum, relu", [norm, side, relu]],
  ["bias, sum, sum, relu", [bias, side, side, relu]],
  ["bias, sum, norm", [bias, side, norm, relu]],
  ["sum before norm", [side, norm, relu]],
  ["sum before bias", [side, bias]],
  ["bias, bias", [bias, bias]],
  ["relu, norm", [bias, relu, norm, relu]],
  ["relu, sum", [norm, relu, side, relu]],
  ["norm, itself", [norm, self, relu]],
  ["norm, number", [norm, scalar, relu]],
  ["norm, row", [norm, row, relu]],
  ["bias, leaky relu", [bias, leaky]],
  ["norm, silu", [norm, silu]],
  ["norm, sum, silu", [norm, side, silu]],
  ["norm, hardswish", [norm, hardswish]],
  ["norm, gelu", [norm, (y) => gelu(y)]],
  ["norm behind relu", [norm, relu, norm]],
  ["norm behind relu, relu", [bias, relu, norm, relu]],
  ["norm behind relu, silu, sum", [bias, relu, norm, silu, side]],
  ["norm behind relu, sum, relu", [bias, relu, norm, side, relu]],
];

async function computeOn(engine: string, filter: Plain, geometry: Conv2dGeometry, steps: Next[]): Promise<Plain> {
  await tf.setBackend(engine);
  const y = tf.tidy(() => {
    const make = (name: string, shape: number[], low = -1) => tensor(plain(name, shape, low));
    const start = conv2d(make("x", [2, ...size, 4]) as tf.Tensor4D, tensor(filter), geometry);
    return steps.reduce((y, step) => step(y, make), start as tf.Tensor4D);
  });
  return await read(y);
}

for (const [name, shape, partial] of convolutions) {
  onTensorFlow(`what follows a convolution joins it without changing the result: ${name}`, async () => {
    const geometry = {
      stride: [1, 1],
      padding: [0, 0, 0, 0],
      dilation: [1, 1],
      groups: 1,
      ...partial,
    } as Conv2dGeometry;
    const filter = plain("filter", shape, -2, 2);
    for (const [what, steps] of sequences) {
      const expected = await computeOn("cpu", filter, geometry, steps);
      assertClose(await computeOn("tensorflow", filter, geometry, steps), expected, 2e-5, `${name}: ${what}`);
    }
  });
}

const plainGeometry: Conv2dGeometry = { stride: [1, 1], padding: [1, 1, 1, 1], dilation: [1, 1], groups: 1 };

function handles(): number {
  return (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();
}

/** A tensor that TensorFlow holds already, not one whose values are still to be handed over. */
function onEngine<T extends tf.Tensor>(name: string, shape: number[]): T {
  return tf.tidy(() => tf.mul(tensor(plain(name, shape)), 1)) as T;
}

onTensorFlow("batch norm without a convolution in front of it, and what follows it", async () => {
  const steps: [string, Next[]][] = [["alone", [norm]], ["relu", [norm, relu]], ["twice", [norm, norm, relu6]]];
  for (const shape of [[2, 5, 4, 3], [1, 3, 3, 1], [3, 1, 1, 9]]) {
    for (const [name, after] of steps) {
      const compute = async (engine: string) => {
        await tf.setBackend(engine);
        const make = (name: string, shape: number[], low = -1) => tensor(plain(name, shape, low));
        return await read(tf.tidy(() => after.reduce((y, step) => step(y, make), make("x", shape) as tf.Tensor4D)));
      };
      assertClose(await compute("tensorflow"), await compute("cpu"), 2e-5, `[${shape}] ${name}`);
    }
  }
});

onTensorFlow("a convolution that waits has the values of the moment it was called at", async () => {
  await tf.setBackend("tensorflow");
  for (const groups of [1, 4]) {
    const geometry = { ...plainGeometry, groups };
    const x = ownedVariable(onEngine("x", [1, 5, 5, 4]));
    const filter = ownedVariable(tensor(plain("filter", [3, 3, 4 / groups, 4])));
    const bias = ownedVariable(tensor(plain("bias", [4])));
    const [scale, offset, mean, variance] = ["scale", "offset", "mean", "variance"].map((name) =>
      ownedVariable(tensor(plain(name, [4], 0.2)))
    );
    const compute = () =>
      tf.tidy(() => {
        const y = conv2d(x as tf.Tensor as tf.Tensor4D, filter as tf.Tensor as tf.Tensor4D, geometry);
        const n = batchNorm(
          tf.add(y, bias),
          ...([scale, offset, mean, variance] as tf.Tensor[] as [
            tf.Tensor1D,
            tf.Tensor1D,
            tf.Tensor1D,
            tf.Tensor1D,
          ]),
          1e-5,
        );
        return [y, n, tf.relu(n)];
      });
    const expected = await Promise.all(compute().map(read));
    const waiting = compute();
    // Training and moving statistics, before anything has been asked for.
    tf.tidy(() => {
      for (const variable of [filter, bias, scale, offset]) applyGradientDescent(variable, tf.onesLike(variable), 0.5);
      for (const variable of [mean, variance]) variable.assign(tf.add(variable, 1));
      x.assign(tf.zerosLike(x));
    });
    assertEquals(await Promise.all(waiting.map(read)), expected);
    // What comes now is of the new values: nothing folded before is used again.
    const after = await Promise.all(compute().map(read));
    after.forEach((one, i) => assertNotEquals(one.data, expected[i].data));
    await tf.setBackend("cpu");
    const wanted = await Promise.all(compute().map(read));
    await tf.setBackend("tensorflow");
    after.forEach((one, i) => assertClose(one, wanted[i], 2e-5, `output ${i}`));
    tf.dispose([x, filter, bias, scale, offset, mean, variance]);
  }
});

onTensorFlow("a convolution that waits outlives its inputs, and can be used in several places", async () => {
  await tf.setBackend("tensorflow");
  const [x, filter, bias, other] = [[1, 5, 5, 4], [3, 3, 4, 4], [4], [1, 5, 5, 4]].map((shape, i) =>
    tensor(plain(`input ${i}`, shape))
  );
  const y = conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, plainGeometry);
  const biased = tf.add(y, bias);
  const sum = tf.add(biased, other);
  const outputs = [tf.relu(biased), tf.relu6(biased), tf.relu(sum), tf.add(sum, y), tf.mul(y, 2)];
  const copy = await other.data();
  tf.dispose([x, filter, bias]);
  const found = await Promise.all(outputs.map(read));
  const [plainY, plainBiased, plainSum] = await Promise.all([y, biased, sum].map(read));
  const expected = (compute: (y: number, biased: number, sum: number) => number): Plain => ({
    shape: plainY.shape,
    data: plainY.data.map((value, i) => compute(value, plainBiased.data[i], plainSum.data[i])),
  });
  assertClose(found[0], expected((_, b) => Math.max(0, b)), 1e-6, "relu");
  assertClose(found[1], expected((_, b) => Math.min(6, Math.max(0, b))), 1e-6, "relu6");
  assertClose(found[2], expected((_, __, s) => Math.max(0, s)), 1e-6, "relu of a sum");
  assertClose(found[3], expected((y, _, s) => s + y), 1e-6, "sum");
  assertClose(found[4], expected((y) => 2 * y), 1e-6, "product");
  assertClose(plainSum, { shape: plainY.shape, data: plainBiased.data.map((b, i) => b + copy[i]) }, 1e-6, "other");
  assertEquals(await other.data(), copy, "the other branch is left as it was");
  other.dispose();
});

onTensorFlow("convolutions that nobody asks for leave no native handle behind", async () => {
  await tf.setBackend("tensorflow");
  const x = onEngine<tf.Tensor4D>("x", [1, 5, 5, 4]);
  const filter = onEngine<tf.Tensor4D>("filter", [3, 3, 4, 4]);
  const bias = onEngine("bias", [4]);
  const before = handles();
  for (let i = 0; i < 20; i++) {
    tf.tidy(() => void tf.relu(tf.add(conv2d(x, filter, plainGeometry), bias)));
    const y = tf.tidy(() => tf.relu(tf.add(tf.add(conv2d(x, filter, plainGeometry), bias), x)));
    if (i % 2) await y.data();
    y.dispose();
  }
  assertEquals(handles(), before);
  tf.dispose([x, filter, bias]);
});

onTensorFlow("a convolution made before a gradient is a constant within it", async () => {
  await tf.setBackend("tensorflow");
  const x = tensor<tf.Tensor4D>(plain("x", [1, 5, 5, 4]));
  const filter = tensor<tf.Tensor4D>(plain("filter", [3, 3, 4, 4]));
  const bias = tensor(plain("bias", [4]));
  const y = conv2d(x, filter, plainGeometry);
  const { value, grads } = tf.engine().gradients(() => tf.sum(tf.relu(tf.add(y, bias))) as tf.Scalar, [bias]);
  const counted = tf.tidy(() => tf.sum(tf.step(tf.add(y, bias)), [0, 1, 2]));
  assertClose(await read(grads[0]), await read(counted), 1e-6);
  tf.dispose([x, filter, bias, y, value]);
});
