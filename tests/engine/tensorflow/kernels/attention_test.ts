import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { assertClose, plain, read, tensor } from "../../../tensors.ts";
import { assertAgreement, onTensorFlow } from "./agreement.ts";

const products: [a: number[], b: number[], transposeA: boolean, transposeB: boolean][] = [
  [[3, 4], [4, 5], false, false],
  [[3, 4], [5, 4], false, true],
  [[4, 3], [4, 5], true, false],
  [[4, 3], [5, 4], true, true],
  [[2, 3, 4], [2, 4, 5], false, false],
  [[2, 3, 5, 4], [2, 3, 6, 4], false, true],
  [[2, 3, 5, 4], [2, 3, 5, 6], true, false],
  [[0, 3, 4], [0, 4, 5], false, false],
  [[2, 2, 1, 3, 4], [2, 2, 1, 4, 2], false, false],
  [[1, 1], [1, 1], false, false],
];

onTensorFlow("products of matrices on TensorFlow, forward and gradient", async () => {
  for (const [a, b, transposeA, transposeB] of products) {
    const what = `[${a}]${transposeA ? "ᵀ" : ""} · [${b}]${transposeB ? "ᵀ" : ""}`;
    await assertAgreement(what, [plain("a", a), plain("b", b)], (a, b) => tf.matMul(a, b, transposeA, transposeB));
  }
});

onTensorFlow("one matrix times many on TensorFlow", async () => {
  for (const [a, b] of [[[1, 3, 4], [2, 4, 5]], [[2, 3, 4], [1, 4, 5]]]) {
    const compute = async (engine: string) => {
      await tf.setBackend(engine);
      return await read(tf.tidy(() => tf.matMul(tensor(plain("a", a)), tensor(plain("b", b)))));
    };
    assertClose(await compute("tensorflow"), await compute("cpu"), 1e-6, `[${a}] · [${b}]`);
  }
});

onTensorFlow("products of whole numbers stay whole numbers", async () => {
  await tf.setBackend("tensorflow");
  const product = tf.tidy(() =>
    tf.matMul(tf.tensor2d([[1, 2]], [1, 2], "int32"), tf.tensor2d([[3], [4]], [2, 1], "int32"))
  );
  assertEquals([product.dtype, ...await product.data()], ["int32", 11]);
  product.dispose();
});

onTensorFlow("softmax on TensorFlow, forward and gradient", async () => {
  for (const shape of [[5], [4, 7], [2, 3, 9], [2, 3, 4, 5], [2, 2, 2, 2, 3], [3, 1]]) {
    for (const size of [1, 60]) {
      await assertAgreement(`[${shape}]`, [plain("x", shape, -size, size)], (x) => tf.softmax(x));
    }
  }
});
