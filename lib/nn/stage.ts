import * as tf from "@tensorflow/tfjs";
import type { Module } from "./module.ts";
import { isWithin } from "./select.ts";

/**
 * One step of a network, from its input on: what `freeze(model, { until })` names and what can be computed once when it
 * is frozen.
 */
export interface Stage {
  /** How it is called; the name of its main submodule. */
  name: string;
  /** The network's own submodules (and root parameters) that belong to it. */
  modules: readonly string[];
  /** Computes the stage's output from the stage before it. Absent where a module does not know how its children connect. */
  forward?(x: tf.Tensor): tf.Tensor;
  /** A side branch that tells the classes from this stage's output; training alone uses it. */
  auxiliary?: Auxiliary;
}

/**
 * A second classifier off the middle of a network (Szegedy et al. 2014, "Going Deeper with Convolutions"): its loss, added to
 * the network's own, brings a gradient to the layers below from nearby. `forward` of the network leaves it out.
 */
export interface Auxiliary {
  /** The submodule that it is; it belongs to the stage that it comes off. */
  module: string;
  /** By how much its loss counts beside the network's. */
  weight: number;
  /** Computes its logits `[N, classes]` from the stage's output. */
  forward(x: tf.Tensor): tf.Tensor;
}

/** Runs the stages one after the other. What one hands to the next is freed as soon as that has run. */
export function runStages(stages: readonly Stage[], x: tf.Tensor): tf.Tensor {
  const steps = stages.map((stage) => {
    if (stage.forward) return (value: tf.Tensor) => stage.forward!(value);
    throw new TypeError(`Cannot run the stage "${stage.name}" by itself: it has no forward function`);
  });
  return inTurn(steps, x);
}

function inTurn(steps: readonly ((x: tf.Tensor) => tf.Tensor)[], x: tf.Tensor): tf.Tensor {
  return steps.reduce((value, step) => {
    const next = tf.tidy(() => step(value));
    if (value !== x && value !== next && !value.kept) value.dispose();
    return next;
  }, x);
}

/**
 * A stage that runs submodules of a network one after the other, whatever they are by then: a replaced head runs too.
 *
 * @param name how the stage is called; the module of that name is all of it unless `modules` are given
 * @param modules the submodules' names, in order
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import type * as tf from "@tensorflow/tfjs";
 *
 * class Classifier extends nn.Module {
 *   hidden = new nn.Linear(4, 8);
 *   relu = new nn.ReLU();
 *   head = new nn.Linear(8, 2);
 *   override stages(): nn.Stage[] {
 *     return [nn.stage(this, "hidden", ["hidden", "relu"]), nn.stage(this, "head")];
 *   }
 *   override forward(x: tf.Tensor): tf.Tensor {
 *     return nn.runStages(this.stages(), x);
 *   }
 * }
 * console.log(new Classifier().stages().map(({ name }) => name)); // [ "hidden", "head" ]
 * ```
 */
export function stage(model: Module, name: string, modules: readonly string[] = [name]): Stage {
  return { name, modules, forward: (x) => inTurn(modules.map((path) => (value) => model.get(path).forward(value)), x) };
}

/**
 * The position of the stage that a path means: the stage of that name, else the one that it is in, else, where it is a
 * container that several stages divide between them, the first of these; −1 where it is none.
 */
export function findStage(stages: readonly Stage[], path: string): number {
  const named = stages.findIndex(({ name }) => name === path);
  if (named >= 0) return named;
  const around = stages.findIndex(({ name, modules }) => [name, ...modules].some((part) => isWithin(path, part)));
  return around >= 0 ? around : stages.findIndex(({ name }) => isWithin(name, path));
}
