import * as tf from "@tensorflow/tfjs";
import { expectModule } from "./expect.ts";
import type { Module } from "./module.ts";
import { type Auxiliary, runStages, type Stage } from "./stage.ts";

/** What an auxiliary head makes of a batch. */
export interface AuxiliaryOutput {
  /** The submodule that it is. */
  module: string;
  /** By how much its loss counts beside the network's. */
  weight: number;
  /** `[N, classes]`. */
  logits: tf.Tensor;
}

/** What a network with auxiliary heads makes of a batch. */
export interface Outputs {
  /** The network's own logits `[N, classes]`, which `forward` gives. */
  logits: tf.Tensor;
  /** Those of its auxiliary heads, from the pictures upward. */
  auxiliary: AuxiliaryOutput[];
}

/**
 * The logits of a network and of its auxiliary heads, where it has any (googlenet, inception_v3): what torchvision's
 * networks give in training mode. Here any mode does; `forward` gives the first alone.
 *
 * @param x a batch `[N, H, W, C]`
 * @returns tensors that the caller disposes of
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = models.googlenet({ numClasses: 9 });
 * const { logits, auxiliary } = nn.forwardWithAuxiliary(model, tf.zeros([2, 64, 64, 3]));
 * console.log(logits.shape, auxiliary.map(({ module, weight }) => `${module}: ${weight}`)); // [ 2, 9 ] [ "aux1: 0.3", "aux2: 0.3" ]
 * ```
 */
export function forwardWithAuxiliary(model: Module, x: tf.Tensor): Outputs {
  expectModule("run with auxiliary heads", model);
  const stages = model.stages();
  if (stages.some(({ auxiliary }) => auxiliary)) return runWithAuxiliary(stages, x);
  return { logits: model.forward(x), auxiliary: [] };
}

/**
 * Runs stages one after the other, and their auxiliary heads.
 *
 * @param counts whether a head is wanted; all of them unless given
 */
export function runWithAuxiliary(
  stages: readonly Stage[],
  x: tf.Tensor,
  counts: (head: Auxiliary) => boolean = () => true,
): Outputs {
  const heads: Auxiliary[] = [];
  const [logits, ...auxiliary] = tf.tidy(() => {
    const outputs: tf.Tensor[] = [];
    const last = stages.reduce((value, stage) => {
      const output = runStages([stage], value);
      const head = stage.auxiliary;
      if (head && counts(head)) {
        heads.push(head);
        outputs.push(head.forward(output));
      }
      return output;
    }, x);
    return [last, ...outputs];
  });
  return { logits, auxiliary: heads.map(({ module, weight }, i) => ({ module, weight, logits: auxiliary[i] })) };
}

/**
 * A stage with an auxiliary head off its output; without one where the network's `module` is null by then.
 *
 * @param module the submodule's name
 * @param weight by how much its loss counts beside the network's
 */
export function withAuxiliary(stage: Stage, model: Module, module: string, weight: number): Stage {
  if (!model.namedChildren().some(([name]) => name === module)) return stage;
  const forward = (x: tf.Tensor) => model.get(module).forward(x);
  return { ...stage, modules: [...stage.modules, module], auxiliary: { module, weight, forward } };
}
