import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * The smooth activations, differentiable, on every rung. Those of the relu kind are tfjs's own.
 *
 * @module
 */

/** `x · sigmoid(x)`, also called swish (Elfwing et al. 2017, Ramachandran et al. 2017). */
export function silu<T extends tf.Tensor>(x: T): T {
  return hasKernel("ThawSilu") ? runKernel("ThawSilu", { x }) : tf.mul(x, tf.sigmoid(x));
}

/** `relu6(x + 3) / 6`: a sigmoid of straight lines (Howard et al. 2019). */
export function hardsigmoid<T extends tf.Tensor>(x: T): T {
  return tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6);
}

/** `x · relu6(x + 3) / 6`: a swish of straight lines (Howard et al. 2019). */
export function hardswish<T extends tf.Tensor>(x: T): T {
  return hasKernel("ThawHardswish") ? runKernel("ThawHardswish", { x }) : tf.mul(x, hardsigmoid(x));
}

/**
 * `x · Φ(x)`, where Φ is the normal distribution's cumulative one (Hendrycks & Gimpel 2016).
 *
 * @param approximate `"tanh"` takes the formula with tanh in Φ's place
 */
export function gelu<T extends tf.Tensor>(x: T, approximate: "none" | "tanh" = "none"): T {
  if (hasKernel("ThawGelu")) return runKernel("ThawGelu", { x }, { approximate });
  const cumulative = approximate === "none"
    ? tf.erf(tf.mul(x, Math.SQRT1_2))
    : tf.tanh(tf.mul(tf.add(x, tf.mul(tf.mul(x, tf.square(x)), 0.044715)), Math.sqrt(2 / Math.PI)));
  return tf.mul(x, tf.mul(tf.add(cumulative, 1), 0.5));
}
