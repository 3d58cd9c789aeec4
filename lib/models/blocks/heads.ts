import * as tf from "@tensorflow/tfjs";

/**
 * Queries, keys and values of several heads.
 *
 * @param projected `[N, L, 3 · C]`: all queries, then all keys, then all values, head by head
 * @returns three times `[N, heads, L, C / heads]`
 */
export function splitHeads(projected: tf.Tensor, heads: number): [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D] {
  const [n, length, channels] = projected.shape;
  return tf.tidy(() => {
    const perHead = projected.reshape<tf.Tensor4D>([n, length, 3 * heads, channels / (3 * heads)]);
    return tf.split(tf.transpose(perHead, [0, 2, 1, 3]), 3, 1) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  });
}

/** The heads' results `[N, heads, L, C / heads]` side by side: `[N, L, C]`. */
export function mergeHeads(x: tf.Tensor4D): tf.Tensor3D {
  const [n, heads, length, channels] = x.shape;
  return tf.tidy(() => tf.transpose(x, [0, 2, 1, 3]).reshape([n, length, heads * channels]));
}
