import * as tf from "@tensorflow/tfjs";
import { dilateFilter } from "../../ops/conv2d.ts";
import { type ConvAttributes, denseAttributes } from "./conv_geometry.ts";
import type { DenseOps } from "./conv_ops.ts";
import type { OpRunner } from "./op.ts";

/**
 * Gradients of grouped and dilated convolutions for builds whose ops have none (CPU builds without oneDNN): group by group,
 * with the filter's taps spread apart by zeros.
 */

/** Whether the ops take groups and dilation themselves, tried out on a few pixels. */
export function hasGeneralGradients(backend: OpRunner, ops: DenseOps): boolean {
  return tf.tidy(() => {
    try {
      const attributes = denseAttributes({ stride: [1, 1], dilation: [2, 2], padding: [0, 0, 0, 0] }, "VALID");
      const [x, filter, dy] = [tf.ones([1, 4, 4, 2]), tf.ones([2, 2, 1, 2]), tf.ones([1, 2, 2, 2])];
      const sizes = [x, filter].map(({ shape }) => tf.tensor1d(shape, "int32"));
      ops.inputGradient(backend, attributes, [sizes[0], filter, dy]);
      ops.filterGradient(backend, attributes, [x, sizes[1], dy]);
      return true;
    } catch {
      return false;
    }
  });
}

/** The gradient of an input `[N, H, W, C]` of this shape. */
export function splitInputGradient(
  backend: OpRunner,
  shape: number[],
  filter: tf.Tensor,
  dy: tf.Tensor,
  attributes: ConvAttributes,
  mode: "SAME" | "VALID",
): tf.Tensor {
  const groups = shape[3] / filter.shape[2]!;
  const size = tf.tensor1d([...shape.slice(0, 3), filter.shape[2]!], "int32");
  const filters = tf.split(dilateFilter(filter as tf.Tensor4D, attributes.dilation), groups, 3);
  const slopes = tf.split(dy, groups, 3);
  const plain = denseAttributes({ ...attributes, dilation: [1, 1] }, mode);
  const parts = filters.map((part, g) =>
    backend.executeSingleOutput("Conv2DBackpropInput", plain, [size, part, slopes[g]])
  );
  return tf.concat(parts, 3);
}

/** The gradient of a filter `[kh, kw, C / groups, O]` of this shape. */
export function splitFilterGradient(
  backend: OpRunner,
  x: tf.Tensor,
  shape: number[],
  dy: tf.Tensor,
  attributes: ConvAttributes,
  mode: "SAME" | "VALID",
): tf.Tensor {
  const { dilation } = attributes;
  const groups = x.shape[3]! / shape[2];
  const spread = [0, 1].map((axis) => (shape[axis] - 1) * dilation[axis] + 1);
  const dense = [...spread, shape[2], shape[3] / groups];
  const inputs = tf.split(x, groups, 3), slopes = tf.split(dy, groups, 3);
  const plain = denseAttributes({ ...attributes, dilation: [1, 1] }, mode);
  const parts = inputs.map((part, g) => {
    const size = tf.tensor1d(dense, "int32");
    const gradient = backend.executeSingleOutput("Conv2DBackpropFilter", plain, [part, size, slopes[g]]);
    return tf.stridedSlice(gradient, [0, 0, 0, 0], dense, [...dilation, 1, 1]);
  });
  return tf.concat(parts, 3);
}
