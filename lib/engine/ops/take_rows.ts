import * as tf from "@tensorflow/tfjs";

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
  if (!order.includes(-1)) return tf.gather(x, tf.tensor1d(order, "int32"), 1);
  const zeros = x.shape[1];
  const withZeros = tf.pad(x, [[0, 0], [0, 1], [0, 0]]);
  return tf.gather(withZeros, tf.tensor1d(order.map((row) => row < 0 ? zeros : row), "int32"), 1);
}
