import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * A tensor of float32 numbers whose bytes `fill` writes: where the engine has memory of its own, right into it.
 *
 * @param fill is called once, with as many bytes as the shape has; they are no longer valid when it has returned
 */
export function filled(shape: readonly number[], fill: (bytes: Uint8Array) => void): tf.Tensor {
  if (hasKernel("ThawFilled")) return runKernel("ThawFilled", {}, { shape: [...shape], fill });
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  fill(new Uint8Array(values.buffer));
  return tf.tensor(values, [...shape]);
}
