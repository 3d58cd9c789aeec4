import * as tf from "@tensorflow/tfjs";
import { FLOAT, INT32, registerKernel, type } from "./op.ts";

/** Uniform numbers that depend on a given seed and nothing else. */
export function registerRandomUniform(): void {
  registerKernel<{ shape: number[]; seed: number[] }>("ThawRandomUniform", (backend, _inputs, { shape, seed }) => {
    const attributes = [type("dtype", FLOAT), type("T", INT32), type("Tseed", INT32)];
    const inputs = [tf.tensor1d(shape, "int32"), tf.tensor1d(seed, "int32")];
    return backend.executeSingleOutput("StatelessRandomUniform", attributes, inputs);
  });
}
