import type * as tf from "@tensorflow/tfjs";
import { type AuxiliaryOutput, type Module, type Outputs, runWithAuxiliary, type Stage } from "../nn/mod.ts";
import { isWithin } from "../nn/select.ts";

/** By how much the loss of an auxiliary head counts in a training. */
export interface AuxiliaryLoss {
  /** The head. */
  module: string;
  /** What its loss is multiplied by; 0 where neither the head nor anything below it trains. */
  weight: number;
}

/**
 * The auxiliary heads of a network, and by how much each counts as the network is frozen now.
 *
 * A head off something that is frozen would have no gradient for it; where the head is frozen too, nothing could come of it.
 */
export function auxiliaryLosses(model: Module): AuxiliaryLoss[] {
  const trained = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
  const trains = (module: string) => trained.some(([path]) => isWithin(path, module));
  let below = false;
  return model.stages().flatMap(({ modules, auxiliary }) => {
    below ||= modules.some((module) => module !== auxiliary?.module && trains(module));
    if (!auxiliary) return [];
    const { module, weight } = auxiliary;
    return [{ module, weight: below || trains(module) ? weight : 0 }];
  });
}

/** Runs stages, and those of their auxiliary heads that count. */
export function runCounted(stages: readonly Stage[], heads: readonly AuxiliaryLoss[]): (x: tf.Tensor) => Outputs {
  const counted = new Set(heads.filter(({ weight }) => weight > 0).map(({ module }) => module));
  return (x) => runWithAuxiliary(stages, x, ({ module }) => counted.has(module));
}

/** What a training did with the auxiliary heads, in a sentence; undefined where there are none. */
export function auxiliaryNote(heads: readonly AuxiliaryLoss[]): string | undefined {
  const counted = heads.filter(({ weight }) => weight > 0).map(({ module, weight }) => `${weight} × that of ${module}`);
  const idle = heads.filter(({ weight }) => weight === 0).map(({ module }) => module);
  const notes = [
    ...(counted.length ? [`The training loss has ${counted.join(" and ")} in it`] : []),
    ...(idle.length
      ? [`${idle.join(" and ")} ${idle.length > 1 ? "count" : "counts"} nothing: all below is frozen`]
      : []),
  ];
  return notes.length ? notes.join("; ") : undefined;
}

/** @throws {TypeError} where an auxiliary head makes logits for other classes than the data's */
export function checkAuxiliary(
  model: Module,
  { module, logits }: AuxiliaryOutput,
  { name, classes }: { name: string; classes: readonly string[] },
): void {
  if (logits.rank === 2 && logits.shape[1] === classes.length) return;
  throw new TypeError(
    `Cannot train ${model.constructor.name} on ${name}: expected ${classes.length} outputs of its auxiliary head ` +
      `${module}, one for each class, found ${logits.rank === 2 ? logits.shape[1] : `[${logits.shape.join(", ")}]`}; ` +
      `replaceHead(model, ${classes.length}) gives it a new one too, model.${module} = null takes it away`,
  );
}
