import { checkOptions } from "../nn/check_options.ts";
import { expectModule, type Module } from "../nn/mod.ts";
import { isWithin } from "../nn/select.ts";
import type { ParameterGroup } from "./optimizer.ts";

/** Options of {@linkcode layerwiseRates}. */
export interface LayerwiseOptions {
  /** The step size of the highest stage that trains: the head. */
  top: number;
  /** What the rate is divided by from each stage to the one below it; 2.6, as in ULMFiT. */
  decay?: number;
}

/**
 * Discriminative rates (Howard & Ruder 2018, https://arxiv.org/abs/1801.06146): the nearer a stage is to the pictures, the
 * more general is what it has learnt, and the less it should move.
 *
 * Gives parameter groups for an optimizer, one for each stage that has parameters to train, the head's first. Parameters that
 * belong to no stage, such as a vision transformer's class token, form a last group with the lowest stage's rate.
 *
 * @throws {RangeError} where a rate cannot be, {TypeError} where everything is frozen
 *
 * @example
 * ```ts
 * import { Adam, data, fit, layerwiseRates, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]), [0, 1, 0, 1]);
 * const net = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * const optimizer = new Adam(layerwiseRates(net, { top: 0.1, decay: 10 }));
 * console.log(optimizer.groups.map(({ name, learningRate }) => `${name}: ${learningRate}`)); // [ "2: 0.1", "0: 0.01" ]
 * await fit(net, points, { optimizer });
 * ```
 */
export function layerwiseRates(model: Module, options: LayerwiseOptions): ParameterGroup[] {
  expectModule("make layerwise rates", model);
  checkOptions("make layerwise rates", options, ["top", "decay"]);
  const { top, decay = 2.6 } = options;
  if (!(top > 0 && Number.isFinite(top))) {
    throw new RangeError(`Cannot make layerwise rates: expected top to be a number above 0, found ${top}`);
  }
  if (!(decay >= 1 && Number.isFinite(decay))) {
    throw new RangeError(
      `Cannot make layerwise rates: expected decay to be a number ≥ 1, by which each stage's rate is divided, found ${decay}`,
    );
  }
  const left = new Map(model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad));
  if (left.size === 0) {
    throw new TypeError(
      `Cannot make layerwise rates for ${model.constructor.name}: expected something to train, found every parameter ` +
        "frozen; unfreeze(model) or freeze(model, { until }) leaves a part to train",
    );
  }
  const stages = model.stages().map(({ name, modules }) => {
    const own = [...left].filter(([path]) => modules.some((module) => isWithin(path, module)));
    own.forEach(([path]) => left.delete(path));
    return { name, parameters: own.map(([, parameter]) => parameter) };
  }).filter(({ parameters }) => parameters.length > 0).reverse();
  const groups = stages.map((stage, i) => ({ ...stage, learningRate: top / decay ** i }));
  const lowest = groups.at(-1)?.learningRate ?? top;
  return left.size ? [...groups, { name: "the rest", parameters: [...left.values()], learningRate: lowest }] : groups;
}
