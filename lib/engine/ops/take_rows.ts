import * as tf from "@tensorflow/tfjs";
import { constant } from "./constant.ts";

/** Which row of the input each row of the output is; −1 is a row of zeros. No row is taken twice. */
export type RowOrder = Int32Array;

/**
 * The order that brings back what `order` has moved: for each of `rows` rows of the input where it went, −1 for those that were
 * not taken.
 */
export function invertOrder(order: RowOrder, rows: number): RowOrder {
  const inverse = new Int32Array(rows).fill(-1);
  order.forEach((from, to) => {
    if (from >= 0) inverse[from] = to;
  });
  return inverse;
}

/**
 * Takes rows in another order, differentiable. It cuts feature maps into windows, however shifted and padded, in one step:
 * a tenth of what slicing and concatenating them takes.
 *
 * The gradient takes the slopes in the inverse order, where tfjs's own for `gather` adds them up row by row, which some rungs
 * cannot do.
 *
 * @param x `[N, rows, C]`
 * @param order the rows to take
 * @param inverse {@linkcode invertOrder} of it, so that it need not be computed each time
 * @returns `[N, order.length, C]`
 */
export function takeRows(x: tf.Tensor3D, order: RowOrder, inverse: RowOrder): tf.Tensor3D {
  const moved = tf.customGrad((rows) => ({
    value: take(rows as tf.Tensor3D, order),
    gradFunc: (slope: tf.Tensor) => take(slope as tf.Tensor3D, inverse),
  }));
  return moved(x) as tf.Tensor3D;
}

function take(x: tf.Tensor3D, order: RowOrder): tf.Tensor3D {
  const index = constant<tf.Tensor1D>(indexOf(order), [order.length]);
  return tf.gather(order.includes(-1) ? tf.pad(x, [[0, 0], [1, 0], [0, 0]]) : x, index, 1);
}

// Padded maps have their zeros in front, so that an order means the same for maps of any size.
const indices = new WeakMap<RowOrder, Int32Array>();

function indexOf(order: RowOrder): Int32Array {
  if (!order.includes(-1)) return order;
  let index = indices.get(order);
  if (!index) indices.set(order, index = order.map((row) => row + 1));
  return index;
}
