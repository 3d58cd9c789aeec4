import * as tf from "@tensorflow/tfjs";
import { oneDnn } from "./onednn.ts";
import { bool, type OpRunner, type } from "./op.ts";
import { wrapKernel } from "./wrap.ts";

/**
 * What attention is made of, products of many small matrices and softmax, by oneDNN's ops where this build has them: up to
 * twice as fast as TensorFlow's own. Products with few rows gain more.
 */
export function registerAttention(backend: OpRunner): void {
  const product = oneDnn(
    backend,
    "_MklBatchMatMulV2",
    (call) => call(backend, sides(false, true), [tf.eye(1), tf.eye(1)]),
  );
  if (product) {
    wrapKernel<{ transposeA: boolean; transposeB: boolean }>(
      "BatchMatMul",
      (backend, { a, b }, { transposeA, transposeB }) =>
        isUsual(a) && isUsual(b) && sameBatch(a.shape, b.shape)
          ? product(backend, sides(transposeA, transposeB), [a, b])[0]
          : undefined,
    );
  }
  const softmax = oneDnn(backend, "_MklSoftmax", (call) => call(backend, [type("T")], [tf.eye(1)]));
  if (softmax) {
    wrapKernel(
      "Softmax",
      (backend, { logits }) => isUsual(logits) ? softmax(backend, [type("T")], [logits])[0] : undefined,
    );
  }
}

function sides(transposeA: boolean, transposeB: boolean) {
  return [type("T"), bool("adj_x", transposeA), bool("adj_y", transposeB)];
}

/** Numbers, at least one, in not too many axes: what oneDNN's ops were made for. */
function isUsual({ dtype, size, rank }: tf.Tensor): boolean {
  return dtype === "float32" && size > 0 && rank >= 2 && rank <= 4;
}

function sameBatch(a: number[], b: number[]): boolean {
  return a.length === b.length && a.slice(0, -2).every((size, axis) => size === b[axis]);
}
