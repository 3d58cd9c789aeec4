import * as tf from "@tensorflow/tfjs";
import { constant } from "./constant.ts";
import { pad2d } from "./conv2d.ts";
import { pooledSize, type PoolGeometry, poolPadding } from "./pool_geometry.ts";

/** Options of {@linkcode avgPool2d}: a window and what its sum is divided by. */
export interface AvgPoolGeometry extends PoolGeometry {
  /** Whether the zeros of the padding count as pixels (torch's default). */
  countIncludePad: boolean;
  /** Divide every sum by this instead of the number of pixels. */
  divisorOverride?: number;
}

/**
 * 2-D average pooling as torch's `avg_pool2d`, differentiable.
 *
 * @param x input `[N, H, W, C]`
 * @returns `[N, H', W', C]`
 */
export function avgPool2d(x: tf.Tensor4D, geometry: AvgPoolGeometry): tf.Tensor4D {
  const { kernel, stride, divisorOverride } = geometry;
  const mean = tf.avgPool(pad2d(x, poolPadding(x.shape, geometry)), kernel, stride, "valid");
  const area = kernel[0] * kernel[1];
  if (divisorOverride) return tf.mul(mean, area / divisorOverride);
  const [rows, columns] = [0, 1].map((axis) => windowCounts(x.shape[axis + 1], axis, geometry));
  if (rows.every((n) => n === kernel[0]) && columns.every((n) => n === kernel[1])) return mean;
  const factors = remembered(`${[rows, "by", columns]}`, () => rows.flatMap((r) => columns.map((c) => area / (r * c))));
  return tf.mul(mean, constant<tf.Tensor4D>(factors, [1, rows.length, columns.length, 1]));
}

// They depend on sizes alone, and a network has the same few again and again.
const known = new Map<string, Float32Array>();
const MOST_KNOWN = 64;

function remembered(key: string, make: () => number[]): Float32Array {
  const found = known.get(key);
  if (found) return found;
  if (known.size === MOST_KNOWN) known.delete(known.keys().next().value!);
  const made = Float32Array.from(make());
  known.set(key, made);
  return made;
}

/** How many pixels of one axis each window counts: those past the padding never, the padding's own by option. */
function windowCounts(size: number, axis: number, g: AvgPoolGeometry): number[] {
  const [k, s, p] = [g.kernel[axis], g.stride[axis], g.padding[axis]];
  return Array.from({ length: pooledSize(size, k, s, p, g.ceilMode) }, (_, i) => {
    const start = i * s - p;
    const end = Math.min(start + k, size + p);
    return g.countIncludePad ? end - start : Math.min(end, size) - Math.max(start, 0);
  });
}

/**
 * Average pooling to a given output size, as torch's `adaptive_avg_pool2d`, differentiable: output cell i covers the
 * input from `floor(i · in / out)` to `ceil((i + 1) · in / out)`.
 *
 * @param x input `[N, H, W, C]`
 * @param size `[H', W']`
 * @returns `[N, H', W', C]`
 */
export function adaptiveAvgPool2d(x: tf.Tensor4D, [height, width]: [number, number]): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  if (height === 1 && width === 1) return tf.mean(x, [1, 2], true);
  if (height === h && width === w) return tf.clone(x);
  if (h % height === 0 && w % width === 0) {
    const cell: [number, number] = [h / height, w / width];
    return tf.avgPool(x, cell, cell, "valid");
  }
  // Cells of unequal size: averaging one axis is a product with a matrix of weights.
  const rows = tf.matMul(averagingMatrix(h, height), x.reshape([n, h, w * c]));
  const cells = tf.matMul(averagingMatrix(w, width), rows.reshape([n * height, w, c]));
  return cells.reshape([n, height, width, c]);
}

/** `[1, out, in]`: row i holds the weights of output cell i. */
function averagingMatrix(input: number, output: number): tf.Tensor3D {
  const weights = remembered(`${input} to ${output}`, () =>
    Array.from({ length: output }, (_, i) => {
      const start = Math.floor(i * input / output);
      const end = Math.ceil((i + 1) * input / output);
      return Array.from({ length: input }, (_, j) => j >= start && j < end ? 1 / (end - start) : 0);
    }).flat());
  return constant(weights, [1, output, input]);
}
