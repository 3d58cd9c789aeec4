/** What the tests of engine and nn share: plain tensors, gradients, comparison, and nothing left behind. */
import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { engines } from "./engine_for_tests.ts";
import { Module, type Parameter } from "../lib/nn/mod.ts";
import { EngineEntry } from "../lib/nn/parameter.ts";
import type { StateDict } from "../lib/weights/state_dict.ts";
import { between } from "./golden/layers.ts";

/** A tensor outside any engine. */
export interface Plain {
  shape: number[];
  data: Float32Array;
}

/** Numbers from `low` to `high` that depend on the name alone. */
export function plain(name: string, shape: number[], low = -1, high = 1, whole = false): Plain {
  return { shape, data: between(name, tf.util.sizeFromShape(shape), low, high, whole) };
}

/** A fresh tensor on the engine in use. */
export function tensor<T extends tf.Tensor = tf.Tensor>({ shape, data }: Plain): T {
  return tf.tensor(data.slice(), shape) as T;
}

/** Takes a tensor's values and gives the tensor back. */
export async function read(tensor: tf.Tensor): Promise<Plain> {
  const data = Float32Array.from(await tensor.data());
  tensor.dispose();
  return { shape: tensor.shape, data };
}

/** What `compute` gives, and the gradients of its sum, weighted by `slope`, with respect to every input. */
export async function withGradients(
  inputs: tf.Tensor[],
  compute: () => tf.Tensor,
  slope?: (shape: number[]) => Plain,
): Promise<Plain[]> {
  let output: tf.Tensor | undefined;
  const { value, grads } = tf.engine().gradients(() => {
    const y = compute();
    output = tf.keep(y.clone());
    return tf.sum(tf.mul(y, tensor((slope ?? ((shape) => plain("slope", shape)))(y.shape)))) as tf.Scalar;
  }, inputs);
  value.dispose();
  return await Promise.all([output!, ...grads].map(read));
}

/**
 * Fails unless both have the same shape and every number differs by at most `tolerance` times the largest expected one.
 */
export function assertClose(found: Plain, expected: Plain, tolerance: number, what = ""): void {
  assertEquals(found.shape, expected.shape, `${what}: shape`);
  const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  found.data.forEach((value, i) => {
    const wanted = expected.data[i];
    assert(
      Math.abs(value - wanted) <= tolerance * largest,
      `${what}: expected ${wanted} at ${i}, found ${value} (largest ${largest})`,
    );
  });
}

/** Gives back what networks and state dicts hold on the engine, instead of waiting for the garbage collector. */
export function release(...owners: (Module | StateDict)[]): void {
  for (const owner of owners) {
    if (owner instanceof Module) {
      for (const [, stored] of owner.namedState()) {
        if (!("initialized" in stored) || !stored.initialized) continue;
        const { value } = stored as Parameter;
        if (!value.isDisposed) value.dispose(); // tfjs would count a variable down twice
      }
    } else {
      for (const entry of owner.values()) if (entry instanceof EngineEntry) entry.dispose();
    }
  }
}

/** A test that fails when it leaves tensors behind, or another engine than it found. */
export function noLeaks(name: string, run: () => void | Promise<void>): void {
  Deno.test(name, async () => {
    const before = tf.memory().numTensors;
    await run();
    await tf.setBackend(engines[0]);
    assertEquals(tf.memory().numTensors - before, 0, "tensors left behind");
  });
}

/** The same test on each engine that there is. */
export function onEachEngine(name: string, run: () => void | Promise<void>): void {
  for (const engine of engines) {
    noLeaks(`${name} (${engine})`, async () => {
      await tf.setBackend(engine);
      await run();
    });
  }
}
