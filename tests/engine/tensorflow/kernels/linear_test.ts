import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { gelu, hardswish, silu } from "../../../../lib/engine/ops/activations.ts";
import { linear } from "../../../../lib/engine/ops/linear.ts";
import { assertClose, plain, read, tensor } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

const inputs = [[4, 5], [2, 3, 5], [2, 3, 2, 5], [1, 5]];
const weights = () => [plain("weight", [6, 5]), plain("bias", [6])];

onTensorFlow("a linear layer on TensorFlow, forward and gradient", async () => {
  for (const shape of inputs) {
    const x = plain("x", shape);
    await assertAgreement(`[${shape}]`, [x, ...weights()], (x, weight, bias) => {
      return linear(x, weight as tf.Tensor2D, bias as tf.Tensor1D);
    });
    await assertAgreement(`[${shape}], no bias`, [x, weights()[0]], (x, weight) => linear(x, weight as tf.Tensor2D));
  }
});

/** What may follow a linear layer; `side` has its output's shape. */
const sequences: Record<string, (y: tf.Tensor, side: tf.Tensor) => tf.Tensor> = {
  relu: (y) => tf.relu(y),
  "leaky relu": (y) => tf.leakyRelu(y, 0.3),
  gelu: (y) => gelu(y),
  "gelu by tanh": (y) => gelu(y, "tanh"),
  silu: (y) => silu(y),
  hardswish: (y) => hardswish(y),
  sum: (y, side) => tf.add(side, y),
  "sum, relu": (y, side) => tf.relu(tf.add(y, side)),
  "sum, gelu": (y, side) => gelu(tf.add(y, side)),
  "sum, sum": (y, side) => tf.add(tf.add(y, side), side),
  "itself": (y) => tf.add(y, y),
  "a number": (y) => tf.add(y, 0.5),
  "shaped anew, gelu": (y) => gelu(y.reshape([-1])),
};

onTensorFlow("what follows a linear layer joins it without changing the result", async () => {
  for (const shape of inputs) {
    for (const withBias of [true, false]) {
      for (const [name, after] of Object.entries(sequences)) {
        const compute = async (engine: string) => {
          await tf.setBackend(engine);
          return await read(tf.tidy(() => {
            const [weight, bias] = weights().map((one) => tensor(one));
            const y = linear(
              tensor(plain("x", shape)),
              weight as tf.Tensor2D,
              withBias ? bias as tf.Tensor1D : undefined,
            );
            return after(y, tensor(plain("side", [...shape.slice(0, -1), 6])));
          }));
        };
        assertClose(await compute("tensorflow"), await compute("cpu"), 2e-5, `[${shape}] ${withBias} ${name}`);
      }
    }
  }
});

onTensorFlow("layers of the same shape keep their own weights", async () => {
  await tf.setBackend("tensorflow");
  const x = tf.ones([2, 5]);
  for (const value of [1, 2, 3]) {
    const y = tf.tidy(() => linear(x, tf.fill([6, 5], value) as tf.Tensor2D, tf.zeros([6]) as tf.Tensor1D));
    assertEquals([...await y.data()], new Array(12).fill(5 * value));
    y.dispose();
  }
  x.dispose();
});
