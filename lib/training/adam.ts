import * as tf from "@tensorflow/tfjs";
import { applyAdam } from "../engine/ops/update.ts";
import { checkOptions } from "../nn/check_options.ts";
import type { Parameter } from "../nn/mod.ts";
import { checkRate, type FilledGroup, Optimizer, type Trained } from "./optimizer.ts";

/** Options of {@linkcode Adam} and {@linkcode AdamW}, with torch's defaults. */
export interface AdamOptions {
  /** The step size; 0.001. */
  learningRate?: number;
  /** How much the averages of gradient and squared gradient remember; [0.9, 0.999]. */
  betas?: readonly [number, number];
  /** Keeps the division away from zero; 1e-8. */
  epsilon?: number;
  /** L2 penalty for Adam (0), decay for AdamW (0.01). */
  weightDecay?: number;
}

/**
 * Steps scaled by running averages of the gradient and its square (Kingma & Ba 2015): torch.optim.Adam.
 *
 * @example
 * ```ts
 * import { Adam, nn } from "thaw";
 *
 * const optimizer = new Adam(new nn.Linear(2, 2).parameters());
 * console.log(optimizer.groups[0].learningRate); // 0.001
 * ```
 */
export class Adam extends Optimizer {
  betas: readonly [number, number];
  readonly epsilon: number;

  /** @throws {RangeError} naming the option that cannot be */
  constructor(trained: Trained, options: AdamOptions = {}) {
    checkOptions(`make ${new.target.name}`, options, ["learningRate", "betas", "epsilon", "weightDecay"]);
    const { learningRate = 0.001, betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0 } = options;
    super(trained, { learningRate, weightDecay });
    checkRate(new.target.name, "epsilon", epsilon);
    for (const beta of betas) {
      if (!(beta >= 0 && beta < 1)) {
        throw new RangeError(
          `Cannot make ${new.target.name}: expected betas from 0 to below 1, found ${betas.join(", ")}`,
        );
      }
    }
    this.betas = betas;
    this.epsilon = epsilon;
  }

  override moveMomentum(momentum: number): number {
    const [before, second] = this.betas;
    this.betas = [momentum, second];
    return before;
  }

  protected override update(parameter: Parameter, gradient: tf.Tensor, group: FilledGroup): void {
    const { weightDecay } = group;
    this.move(parameter, weightDecay ? tf.add(gradient, tf.mul(parameter.value, weightDecay)) : gradient, group);
  }

  /** The step itself, without any decay. */
  protected move(parameter: Parameter, gradient: tf.Tensor, { learningRate }: FilledGroup): void {
    const [mean, square] = this.averages(parameter, ["exp_avg", "exp_avg_sq"]);
    const [beta1, beta2] = this.betas;
    const step = { learningRate, beta1, beta2, epsilon: this.epsilon, step: this.countStep(parameter) };
    applyAdam(parameter.value, mean, square, gradient, step);
  }
}

/** Adam with the decay taken from the weights themselves (Loshchilov & Hutter 2019): torch.optim.AdamW. */
export class AdamW extends Adam {
  constructor(trained: Trained, options: AdamOptions = {}) {
    super(trained, { weightDecay: 0.01, ...options });
  }

  protected override update(parameter: Parameter, gradient: tf.Tensor, group: FilledGroup): void {
    const { value } = parameter;
    if (group.weightDecay) value.assign(tf.mul(value, 1 - group.learningRate * group.weightDecay));
    this.move(parameter, gradient, group);
  }
}
