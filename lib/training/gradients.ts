import type * as tf from "@tensorflow/tfjs";
import { gradients as backward } from "../engine/backward.ts";
import { explainUnsupported } from "../engine/mod.ts";
import type { Module, Parameter, Stage } from "../nn/mod.ts";
import { runStages } from "../nn/mod.ts";

/** A loss and how it changes with each parameter. The caller disposes of both. */
export interface Gradients {
  loss: tf.Scalar;
  /** In the order of the parameters; undefined where a parameter has no part in the loss. */
  gradients: (tf.Tensor | undefined)[];
}

/**
 * The gradient of a loss with respect to parameters, by tfjs's tape.
 *
 * Only what lies between the parameters and the loss is computed backward.
 *
 * @param loss computes a scalar from the parameters
 * @throws {Error} where the engine in use has no kernel for a step, naming one that has
 *
 * @example
 * ```ts
 * import { computeGradients, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const layer = new nn.Linear(2, 1, { bias: false });
 * const { gradients } = computeGradients(layer.parameters(), () => layer.forward(tf.tensor2d([[3, 4]])).sum());
 * console.log(await gradients[0]!.data()); // Float32Array(2) [ 3, 4 ]
 * ```
 */
export function computeGradients(parameters: readonly Parameter[], loss: () => tf.Scalar): Gradients {
  try {
    const { value, slopes } = backward(loss, parameters.map(({ value }) => value));
    return { loss: value, gradients: slopes };
  } catch (error) {
    throw explainUnsupported(error);
  }
}

/**
 * Divides a network into what is frozen below the first stage that trains, and the rest.
 *
 * @returns how the two parts compute, or undefined where the network cannot be run stage by stage or nothing is frozen first
 */
export function divide(model: Module): Divided | undefined {
  const stages = model.stages();
  if (stages.some(({ forward }) => !forward)) return undefined;
  const first = stages.findIndex((stage) => !isFrozenStage(model, stage));
  if (first <= 0) return undefined;
  return {
    name: stages[first].name,
    frozen: (x) => runStages(stages.slice(0, first), x),
    trained: (x) => runStages(stages.slice(first), x),
    stages: stages.slice(first),
  };
}

/** A network in two parts; {@linkcode divide} makes it. */
export interface Divided {
  /** The first stage that trains. */
  name: string;
  /** Computes the input of that stage: frozen and, since frozen batch norm and dropout are as in evaluation, deterministic. */
  frozen(x: tf.Tensor): tf.Tensor;
  /** Computes the output from that stage's input. */
  trained(x: tf.Tensor): tf.Tensor;
  /** That stage and those above it. */
  stages: readonly Stage[];
}

/** Whether nothing in a stage trains or depends on the mode. */
function isFrozenStage(model: Module, { modules }: Stage): boolean {
  const isOwn = (path: string) => modules.some((part) => path === part || path.startsWith(`${part}.`));
  return model.namedModules().every(([path, module]) => path === "" || !isOwn(path) || module.frozen) &&
    model.namedParameters().every(([path, { requiresGrad }]) => !isOwn(path) || !requiresGrad);
}
