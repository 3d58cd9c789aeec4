import * as tf from "@tensorflow/tfjs";

type Slopes = readonly (tf.Tensor | undefined)[];

/** Limits on gradients. */
export interface ClipOptions {
  /** The largest length that all gradients together may have. */
  norm?: number;
  /** The largest size of each single number. */
  value?: number;
}

/**
 * Shortens gradients, taken together as one vector, where they are longer than `limit`: torch.nn.utils.clip_grad_norm_.
 *
 * @returns new gradients and the length before; the caller disposes of both
 *
 * @example
 * ```ts
 * import { clipByNorm } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const { gradients } = clipByNorm([tf.tensor1d([3]), tf.tensor1d([4])], 1);
 * console.log((await gradients[1]!.data())[0].toFixed(3)); // 0.800
 * ```
 */
export function clipByNorm(
  gradients: Slopes,
  limit: number,
): { gradients: (tf.Tensor | undefined)[]; norm: tf.Scalar } {
  checkLimit("norm", limit);
  return tf.tidy(() => {
    const squares = gradients.filter((one) => one !== undefined).map((one) => tf.sum(tf.square(one)));
    const norm = tf.sqrt(tf.addN([tf.scalar(0), ...squares])) as tf.Scalar;
    const shorter = tf.minimum(tf.div(limit, tf.add(norm, 1e-6)), 1); // torch's guard against a division by zero
    return { gradients: gradients.map((one) => one && tf.mul(one, shorter)), norm };
  });
}

/**
 * Brings each number of the gradients into [-limit, limit]: torch.nn.utils.clip_grad_value_.
 *
 * @returns new gradients; the caller disposes of them
 *
 * @example
 * ```ts
 * import { clipByValue } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const [clipped] = clipByValue([tf.tensor1d([3, -0.5])], 1);
 * console.log(await clipped!.data()); // Float32Array(2) [ 1, -0.5 ]
 * ```
 */
export function clipByValue(gradients: Slopes, limit: number): (tf.Tensor | undefined)[] {
  checkLimit("value", limit);
  return gradients.map((one) => one && tf.clipByValue(one, -limit, limit));
}

/** Checks a limit on gradients. */
export function checkLimit(name: string, limit: number): void {
  if (limit > 0 && Number.isFinite(limit)) return;
  throw new RangeError(`Cannot clip gradients: expected ${name} to be a number above 0, found ${limit}`);
}
