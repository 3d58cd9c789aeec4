/** What the tests of families share about stages. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { Module } from "../../lib/nn/mod.ts";
import { isWithin } from "../../lib/nn/select.ts";

/** Fails unless every layer and every parameter of a network is in exactly one stage, and every stage's parts are there. */
export function assertDivided(model: Module): void {
  const stages = model.stages();
  const modules = model.namedModules().map(([path]) => path);
  const leaves = modules.filter((path) => path !== "" && !modules.some((other) => other.startsWith(`${path}.`)));
  const parameters = model.namedParameters().map(([path]) => path);
  for (const path of [...leaves, ...parameters]) {
    const holding = stages.filter(({ modules }) => modules.some((part) => isWithin(path, part))).map(({ name }) =>
      name
    );
    assertEquals(holding.length, 1, `stages with ${path}: ${holding.join(", ") || "none"}`);
  }
  for (const part of stages.flatMap(({ modules }) => modules)) {
    assertEquals(modules.includes(part) || parameters.includes(part), true, `${part} is in the network`);
  }
}

/** Fails unless the stages, run one by one, make what the network makes; returns the shape of each stage's output. */
export async function assertStagesRun(model: Module, x: tf.Tensor): Promise<Record<string, number[]>> {
  model.eval();
  const whole = model.forward(x);
  const shapes: Record<string, number[]> = {};
  const last = tf.tidy(() =>
    model.stages().reduce((value, { name, forward }) => {
      const output = forward!(value);
      shapes[name] = output.shape;
      return output;
    }, x)
  );
  assertEquals(await last.data(), await whole.data());
  tf.dispose([whole, last]);
  return shapes;
}
