import * as tf from "@tensorflow/tfjs";

/**
 * Whether the backend in use has a kernel of this name.
 *
 * The operations in this folder ask it: where the rung in use brings a fused kernel of ours they run it, elsewhere they
 * compose the same result from tfjs's own operations.
 */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) != null;
}

/** Runs a kernel of ours by name on the tape, so that its registered gradient applies. */
export function runKernel<T extends tf.Tensor | tf.Tensor[]>(name: string, inputs: object, attributes: object = {}): T {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as T;
}
