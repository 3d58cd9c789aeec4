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

// Networks that were changed without a look, and have to run after the next change that takes one.
const unseen = new WeakSet<Module>();

/**
 * Sees on what a network runs now, and gives a function that sees whether it still does, or does again where changes went before that
 * were not looked at.
 *
 * A network that runs on none of the usual inputs is not tried afterwards either, unless there were such changes.
 *
 * @throws {TypeError} later, where layers do not fit together, or it does not run on the input that was given
 */
export function checkShapes(action: string, model: Module, { input, check = true }: ShapeCheck): () => void {
  if (typeof check !== "boolean") {
    throw new TypeError(`Cannot ${action}: expected check to be true or false, found ${describeValue(check)}`);
  }
  if (!check) return () => void unseen.add(model);
  const shapes = sampleShapes(action, model, input);
  const shape = shapes.find((shape) => attempt(model, shape) === undefined);
  if (shape === undefined && input === undefined && !unseen.has(model)) return () => {};
  return () => {
    const failure = shape ? attempt(model, shape) : furthest(model, shapes);
    if (!failure) return void unseen.delete(model);
    if (!shape && input !== undefined && !unseen.has(model)) {
      throw new TypeError(
        `Cannot ${action}: expected the network to run on [${
          shapes[0].join(", ")
        }], found: ${failure.reason}; it did not ` +
          "before either",
      );
    }
    const from = failure.last ? `; before that ran ${failure.last}` : "";
    throw new TypeError(
      `Cannot ${action}: ${failure.reason}${from}. The network is as it was; where several changes belong together, ` +
        "pass { check: false } to all but the last",
    );
  };
}

/** Why a network does not run. */
interface Failure {
  reason: string;
  /** The layer that was the last to run. */
  last?: string;
  /** How many had run by then. */
  layers: number;
}

/** Why it runs on none of these inputs: on the one that came furthest. Undefined where it runs on one. */
function furthest(model: Module, shapes: number[][]): Failure | undefined {
  let most: Failure | undefined;
  for (const shape of shapes) {
    const failure = attempt(model, shape);
    if (!failure) return undefined;
    if (!most || failure.layers > most.layers) most = failure;
  }
  return most;
}

/** Runs the network; undefined where it does run. */
function attempt(model: Module, shape: number[]): Failure | undefined {
  const paths = pathsOf(model);
  let last: string | undefined;
  let layers = 0;
  const leaves = model.modules().filter((module) => module.children().length === 0);
  const removers = leaves.map((leaf) =>
    onForward(leaf, (module, _input, output) => {
      layers++;
      last = `"${paths.get(module)}" (${briefly(module)}), whose output is [${output.shape?.join(", ")}]`;
    })
  );
  const x = noise(shape);
  try {
    inMode(model, false, () => tf.tidy(() => void model.forward(x)));
    return undefined;
  } catch (error) {
    return { reason: (error as Error).message.replace(/^Cannot run /, ""), last, layers };
  } finally {
    removers.forEach((remove) => remove());
    x.dispose();
  }
}
