import * as tf from "@tensorflow/tfjs";
import { applyGradientDescent, applyMomentum } from "../engine/ops/update.ts";
import { checkOptions } from "../nn/check_options.ts";
import type { Parameter } from "../nn/mod.ts";
import { checkRate, type FilledGroup, Optimizer, type Trained } from "./optimizer.ts";

/** Options of {@linkcode SGD}. */
export interface SGDOptions {
  /** The step size. */
  learningRate: number;
  /** How much of the last step's direction goes on; 0. */
  momentum?: number;
  /** Whether to look ahead along the momentum (Nesterov 1983); false. */
  nesterov?: boolean;
  /** L2 penalty; 0. */
  weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum: torch.optim.SGD.
 *
 * @example
 * ```ts
 * import { nn, SGD } from "thaw";
 *
 * const layer = new nn.Linear(2, 2);
 * const optimizer = new SGD(layer.parameters(), { learningRate: 0.1, momentum: 0.9 });
 * console.log(optimizer.groups[0].learningRate); // 0.1
 * ```
 */
export class SGD extends Optimizer {
  momentum: number;
  readonly nesterov: boolean;

  /** @throws {RangeError} naming the option that cannot be */
  constructor(trained: Trained, options: SGDOptions) {
    checkOptions("make SGD", options, ["learningRate", "momentum", "weightDecay", "nesterov"]);
    const { learningRate, momentum = 0, nesterov = false, weightDecay = 0 } = options;
    super(trained, { learningRate, weightDecay });
    checkRate("SGD", "momentum", momentum);
    if (nesterov && momentum === 0) {
      throw new RangeError("Cannot make SGD: expected a momentum above 0 for nesterov, found 0");
    }
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  override moveMomentum(momentum: number): number {
    const before = this.momentum;
    this.momentum = momentum;
    return before;
  }

  protected override update(
    parameter: Parameter,
    gradient: tf.Tensor,
    { learningRate, weightDecay }: FilledGroup,
  ): void {
    const weight = parameter.value;
    const slope = weightDecay ? tf.add(gradient, tf.mul(weight, weightDecay)) : gradient;
    if (this.momentum === 0) return applyGradientDescent(weight, slope, learningRate);
    const [velocity] = this.averages(parameter, ["momentum_buffer"]);
    applyMomentum(weight, velocity, slope, { learningRate, momentum: this.momentum, nesterov: this.nesterov });
  }
}
