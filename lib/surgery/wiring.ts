import * as tf from "@tensorflow/tfjs";
import { BatchNorm2d, Conv2d, type ForwardHook, inMode, type Module, onForward } from "../nn/mod.ts";
import { noise, type SampleInput, sampleShapes } from "./sample_input.ts";

/** Which batch norm takes which convolution's output. */
export interface Wiring {
  /** For each batch norm that ran, where each of its inputs came from; undefined is no convolution's output. */
  sources: ReadonlyMap<BatchNorm2d, readonly (Conv2d | undefined)[]>;
  /** How often each convolution ran. */
  runs: ReadonlyMap<Conv2d, number>;
}

/**
 * Finds which batch norm takes which convolution's output, and gives it to `use` with the input that it was found on.
 *
 * The order in which a network's parts are written says nothing certain about this (a DenseNet's batch norms come before its
 * convolutions, and a forward may do anything). So the network runs once over noise, in evaluation, which changes nothing in
 * it: a batch norm takes the output of a convolution if it gets that very tensor.
 *
 * @throws {TypeError} where the network cannot run on any input that is known of
 */
export function withWiring<T>(
  action: string,
  model: Module,
  input: SampleInput | undefined,
  use: (wiring: Wiring, x: tf.Tensor) => T,
): T {
  const shapes = sampleShapes(action, model, input);
  const failures: Error[] = [];
  for (const shape of shapes) {
    const x = input instanceof tf.Tensor ? input.clone() : noise(shape);
    try {
      let wiring: Wiring;
      try {
        wiring = observe(model, x);
      } catch (error) {
        failures.push(error as Error);
        continue;
      }
      return use(wiring, x);
    } finally {
      x.dispose();
    }
  }
  const tried = shapes.map((shape) => `[${shape.join(", ")}]`).join(" or ");
  throw new TypeError(
    `Cannot ${action} of ${model.constructor.name}: expected it to run on an input ${tried}, to see which batch norm ` +
      `takes which convolution's output, found: ${failures[0].message}; pass { input: [height, width] } or ` +
      "{ input: tensor } that it runs on",
    { cause: failures[0] },
  );
}

/** Runs a network in evaluation with a hook on some of its modules. */
export function runWithHooks(model: Module, x: tf.Tensor, modules: Iterable<Module>, hook: ForwardHook): void {
  const removers = Array.from(modules, (module) => onForward(module, hook));
  try {
    inMode(model, false, () => tf.tidy(() => void model.forward(x)));
  } finally {
    removers.forEach((remove) => remove());
  }
}

/** Whether a module does what its class does: a subclass may have a forward of its own. */
export function isPlain(module: Module, type: typeof BatchNorm2d | typeof Conv2d): boolean {
  return module instanceof type && Object.getPrototypeOf(module).forward === type.prototype.forward;
}

function observe(model: Module, x: tf.Tensor): Wiring {
  const made = new Map<tf.Tensor, Conv2d>();
  const sources = new Map<BatchNorm2d, (Conv2d | undefined)[]>();
  const runs = new Map<Conv2d, number>();
  runWithHooks(model, x, model.modules(), (module, input, output) => {
    if (module instanceof BatchNorm2d) sources.set(module, [...(sources.get(module) ?? []), made.get(input)]);
    if (!(module instanceof Conv2d)) return;
    made.set(output, module);
    runs.set(module, (runs.get(module) ?? 0) + 1);
  });
  return { sources, runs };
}
