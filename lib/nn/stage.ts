import type * as tf from "@tensorflow/tfjs";
import type { Module } from "./module.ts";

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
}

/** Runs the stages one after the other. */
export function runStages(stages: readonly Stage[], x: tf.Tensor): tf.Tensor {
  return stages.reduce((value, stage) => {
    if (!stage.forward) {
      throw new TypeError(`Cannot run the stage "${stage.name}" by itself: it has no forward function`);
    }
    return stage.forward(value);
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
  return { name, modules, forward: (x) => modules.reduce((value, path) => model.get(path).forward(value), x) };
}
