import { describeValue, inMode, type Module, onForward } from "../nn/mod.ts";
import * as tf from "@tensorflow/tfjs";
import { briefly, pathsOf } from "./replace.ts";
import { noise, type SampleInput, sampleShapes } from "./sample_input.ts";

/** How a changed network is tried out. */
export interface ShapeCheck {
  /**
   * What the network runs on, over noise and in evaluation: pixels, `[height, width]` or an input; as `model.transforms` say, or a
   * usual size, unless given.
   */
  input?: SampleInput;
  /** Whether the network must run afterwards; `false` for one of several changes that belong together. */
  check?: boolean;
}

/**
 * Sees on what a network runs now, and gives a function that sees whether it still does.
 *
 * A network that runs on none of the usual inputs is not tried afterwards either.
 *
 * @throws {TypeError} where it does not run on the input that was given; and later, where layers do not fit together
 */
export function checkShapes(action: string, model: Module, { input, check = true }: ShapeCheck): () => void {
  if (typeof check !== "boolean") {
    throw new TypeError(`Cannot ${action}: expected check to be true or false, found ${describeValue(check)}`);
  }
  if (!check) return () => {};
  const shapes = sampleShapes(action, model, input);
  const shape = shapes.find((shape) => attempt(model, shape) === undefined);
  if (shape === undefined) {
    if (input === undefined) return () => {};
    const { reason } = attempt(model, shapes[0])!;
    throw new TypeError(`Cannot ${action}: expected the network to run on [${shapes[0].join(", ")}], found: ${reason}`);
  }
  return () => {
    const failure = attempt(model, shape);
    if (!failure) return;
    const from = failure.last ? `; before that ran ${failure.last}` : "";
    throw new TypeError(
      `Cannot ${action}: ${failure.reason}${from}. The network is as it was; where several changes belong together, ` +
        "pass { check: false } to all but the last",
    );
  };
}

/** Runs the network; undefined where it does run, else why not, and which layer was the last that ran. */
function attempt(model: Module, shape: number[]): { reason: string; last?: string } | undefined {
  const paths = pathsOf(model);
  let last: string | undefined;
  const leaves = model.modules().filter((module) => module.children().length === 0);
  const removers = leaves.map((leaf) =>
    onForward(leaf, (module, _input, output) => {
      last = `"${paths.get(module)}" (${briefly(module)}), whose output is [${output.shape?.join(", ")}]`;
    })
  );
  const x = noise(shape);
  try {
    inMode(model, false, () => tf.tidy(() => void model.forward(x)));
    return undefined;
  } catch (error) {
    return { reason: (error as Error).message.replace(/^Cannot run /, ""), last };
  } finally {
    removers.forEach((remove) => remove());
    x.dispose();
  }
}
