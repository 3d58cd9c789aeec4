import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/** The numbers of one momentum step; see torch.optim.SGD. */
export interface MomentumStep {
  learningRate: number;
  momentum: number;
  nesterov: boolean;
}

/** The numbers of one Adam step (Kingma & Ba 2015); `step` counts from 1. */
export interface AdamStep {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  step: number;
}

/**
 * One SGD step with momentum, in place: `velocity = momentum · velocity + gradient; weight −= learningRate · velocity`
 * (with nesterov, `weight −= learningRate · (gradient + momentum · velocity)`).
 *
 * On TensorFlow both are changed where they lie in memory; elsewhere they get new values.
 */
export function applyMomentum(
  weight: tf.Variable,
  velocity: tf.Variable,
  gradient: tf.Tensor,
  step: MomentumStep,
): void {
  if (hasKernel("ThawApplyMomentum")) {
    runKernel<tf.Tensor[]>("ThawApplyMomentum", { weight, velocity, gradient }, { ...step });
    return;
  }
  tf.tidy(() => {
    velocity.assign(tf.add(tf.mul(velocity, step.momentum), gradient));
    const direction = step.nesterov ? tf.add(gradient, tf.mul(velocity, step.momentum)) : velocity;
    weight.assign(tf.sub(weight, tf.mul(direction, step.learningRate)));
  });
}

/** One plain SGD step, in place: `weight −= learningRate · gradient`. */
export function applyGradientDescent(weight: tf.Variable, gradient: tf.Tensor, learningRate: number): void {
  if (hasKernel("ThawApplyGradientDescent")) {
    runKernel<tf.Tensor[]>("ThawApplyGradientDescent", { weight, gradient }, { learningRate });
    return;
  }
  tf.tidy(() => weight.assign(tf.sub(weight, tf.mul(gradient, learningRate))));
}

/** One Adam step in place, with torch's place for epsilon: outside the bias-corrected root. */
export function applyAdam(
  weight: tf.Variable,
  mean: tf.Variable,
  square: tf.Variable,
  gradient: tf.Tensor,
  step: AdamStep,
): void {
  if (hasKernel("ThawApplyAdam")) {
    runKernel<tf.Tensor[]>("ThawApplyAdam", { weight, mean, square, gradient }, { ...step });
    return;
  }
  const { learningRate, beta1, beta2, epsilon } = step;
  tf.tidy(() => {
    mean.assign(tf.add(tf.mul(mean, beta1), tf.mul(gradient, 1 - beta1)));
    square.assign(tf.add(tf.mul(square, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
    const root = tf.add(tf.div(tf.sqrt(square), Math.sqrt(1 - beta2 ** step.step)), epsilon);
    weight.assign(tf.sub(weight, tf.mul(tf.div(mean, root), learningRate / (1 - beta1 ** step.step))));
  });
}
