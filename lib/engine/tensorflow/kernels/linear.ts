import * as tf from "@tensorflow/tfjs";
import { canFuse, defer, linearAttributes } from "./deferred.ts";
import { type OpRunner, registerKernel } from "./op.ts";

/**
 * A fully connected layer, by oneDNN where this build has it: for few rows, as a classifier has them, TensorFlow's own product
 * takes five times as long with weights in torch's layout.
 *
 * While nothing is being differentiated the product waits for what comes next; see deferred.ts.
 */
export function registerLinear(backend: OpRunner): void {
  const fuses = canFuse(backend, "MatMul");
  registerKernel("ThawLinear", (backend, { x, weight, bias }) => {
    const shape = [...x.shape.slice(0, -1), weight.shape[0]];
    const rows = x.rank === 2 ? x as tf.Tensor2D : x.reshape<tf.Tensor2D>([-1, weight.shape[1]!]);
    if (fuses) {
      const [input, filter, ...others] = backend.getInputTensorIds(bias ? [rows, weight, bias] : [rows, weight]);
      const origin = { filter, bias: others[0] };
      return defer(backend, {
        op: "MatMul",
        attributes: linearAttributes,
        shape,
        x: input,
        filter,
        bias: others[0],
        origin,
      });
    }
    const product = tf.matMul(rows, weight as tf.Tensor2D, false, true);
    return (bias ? tf.add(product, bias) : product).reshape(shape);
  });
  tf.registerGradient({
    kernelName: "ThawLinear",
    inputsToSave: ["x", "weight"],
    gradFunc: (slope, [x, weight]) => {
      const [dy, inputs] = [slope as tf.Tensor, x].map((one) => one.reshape<tf.Tensor2D>([-1, one.shape.at(-1)!]));
      return {
        x: () => tf.matMul(dy, weight as tf.Tensor2D).reshape(x.shape),
        weight: () => tf.matMul(dy, inputs, true),
        bias: () => tf.sum(dy, 0),
      };
    },
  });
}
