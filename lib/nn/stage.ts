import type * as tf from "@tensorflow/tfjs";

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
