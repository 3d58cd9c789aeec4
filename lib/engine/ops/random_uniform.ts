import * as tf from "@tensorflow/tfjs";
import { random } from "../random.ts";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * Uniform numbers in [0, 1), seeded by `manualSeed`. TensorFlow draws its own from a seed of ours (many times faster), so
 * the numbers differ between rungs, not between runs.
 */
export function randomUniform(shape: number[]): tf.Tensor {
  if (hasKernel("ThawRandomUniform")) {
    return runKernel("ThawRandomUniform", {}, { shape, seed: [random.bits() >>> 1, random.bits() >>> 1] });
  }
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < values.length; i++) values[i] = random.uniform();
  return tf.tensor(values, shape);
}
