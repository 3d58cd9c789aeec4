import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { assertClose, onEachEngine, plain, read, release, tensor } from "../tensors.ts";
import { nn } from "./nn.ts";

onEachEngine("functions give what the layers give, and leave nothing behind", async () => {
  const f = nn.functional;
  const input = plain("x", [2, 5, 6, 3]);
  const x = tensor<tf.Tensor4D>(input);
  const pairs: [() => tf.Tensor, nn.Module][] = [
    [() => f.relu(x), new nn.ReLU()],
    [
      () => f.maxPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }),
      new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }),
    ],
    [() => f.maxPool2d(x, [2, 3]), new nn.MaxPool2d([2, 3])],
    [() => f.adaptiveAvgPool2d(x, [2, 4]), new nn.AdaptiveAvgPool2d([2, 4])],
    [() => f.adaptiveAvgPool2d(x, 1), new nn.AdaptiveAvgPool2d(1)],
    [() => f.adaptiveAvgPool2d(x, [5, 6]), new nn.AdaptiveAvgPool2d([5, 6])],
    [() => f.adaptiveAvgPool2d(x, [null, 1]), new nn.AdaptiveAvgPool2d([null, 1])],
    [() => f.flatten(x), new nn.Flatten()],
  ];
  for (const [compute, layer] of pairs) {
    assertEquals(await read(compute()), await read(layer.forward(x)), layer.constructor.name);
    assertEquals(x.isDisposed, false);
  }
  const logits = tensor<tf.Tensor2D>(plain("logits", [4, 5]));
  const labels = tf.tensor1d([0, 3, 1, 4], "int32");
  const loss = await read(f.crossEntropy(logits, labels));
  assertEquals(loss, await read(new nn.CrossEntropyLoss().forward(logits, labels)));
  const probabilities = await read(f.softmax(logits));
  const sums = [0, 1, 2, 3].map((row) => probabilities.data.slice(5 * row, 5 * row + 5).reduce((sum, p) => sum + p));
  assertClose({ shape: [4], data: Float32Array.from(sums) }, { shape: [4], data: new Float32Array(4).fill(1) }, 1e-6);
  const nats = [0, 3, 1, 4].map((label, row) => -Math.log(probabilities.data[5 * row + label]));
  const mean = nats.reduce((sum, value) => sum + value) / 4;
  assertClose(loss, { shape: [], data: new Float32Array([mean]) }, 1e-6);
  tf.dispose([x, logits, labels]);
});

onEachEngine("with a probability of 1 everything is dropped, as by the layer, also in attention", async () => {
  const x = tensor<tf.Tensor3D>(plain("tokens", [1, 2, 4]));
  const none = await read(nn.functional.dropout(x, 1, true));
  assertEquals([...none.data], Array(8).fill(0));
  assertEquals(none, await read(new nn.Dropout(1).forward(x)));
  const attention = new nn.MultiheadAttention(4, 2, { dropout: 1, bias: false });
  assertEquals([...(await read(attention.forward(x))).data], Array(8).fill(0));
  x.dispose();
  release(attention);
});
