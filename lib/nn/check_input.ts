import type * as tf from "@tensorflow/tfjs";

/**
 * Checks that a module got images or feature maps `[N, H, W, C]`.
 *
 * @param channels how many channels it must have, where that is fixed
 * @throws {TypeError} saying what was expected and found
 */
export function checkImages(x: tf.Tensor, channels?: number): tf.Tensor4D {
  const expected = `[N, H, W, ${channels ?? "C"}]`;
  if (x.rank !== 4) throw new TypeError(`expected input ${expected}, found [${x.shape.join(", ")}]`);
  if (channels !== undefined && x.shape[3] !== channels) {
    const hint = x.shape[1] === channels ? "; channels come last here: transpose it with [0, 2, 3, 1]" : "";
    throw new TypeError(`expected input ${expected}, found [${x.shape.join(", ")}]${hint}`);
  }
  return x as tf.Tensor4D;
}
