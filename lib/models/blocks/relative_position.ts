import * as tf from "@tensorflow/tfjs";
import { lookUp } from "../../engine/ops/look_up.ts";
import type * as nn from "../../nn/mod.ts";

/**
 * For each pair of a window's pixels, which row of a table stands for how far apart they are, vertically and horizontally.
 *
 * @param window height and width, in pixels
 * @returns `[L, L]` in one row, with L the window's number of pixels; the table has (2 · height − 1) · (2 · width − 1) rows
 */
export function relativePositionIndex([height, width]: readonly [number, number]): Int32Array {
  const pixels = height * width;
  return Int32Array.from({ length: pixels * pixels }, (_, pair) => {
    const [from, to] = [Math.floor(pair / pixels), pair % pixels];
    const down = Math.floor(from / width) - Math.floor(to / width) + height - 1;
    const right = from % width - to % width + width - 1;
    return down * (2 * width - 1) + right;
  });
}

/**
 * What is added to the products of queries and keys for how far apart the two pixels are, from a table that has a number for
 * each distance and head.
 *
 * @param table `[distances, heads]`
 * @param index {@linkcode relativePositionIndex}
 * @returns `[1, heads, L, L]`
 */
export function relativePositionBias(table: tf.Tensor, index: nn.IndexBuffer): tf.Tensor4D {
  const pixels = Math.sqrt(index.size);
  return tf.tidy(() => {
    const pairs = lookUp(table as tf.Tensor2D, index.values);
    return tf.transpose(pairs).reshape([1, table.shape[1]!, pixels, pixels]);
  });
}
