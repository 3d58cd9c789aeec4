import * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/** How a convolution walks over its input. Every pair is `[vertical, horizontal]`, in pixels. */
export interface Conv2dGeometry {
  /** Step between windows. */
  stride: [number, number];
  /** Zeros added around the input: `[top, bottom, left, right]`. */
  padding: [number, number, number, number];
  /** Distance between the taps of the filter. */
  dilation: [number, number];
  /** Number of independent groups of channels; the input's channel count makes it depthwise. */
  groups: number;
}

/**
 * 2-D cross-correlation with explicit padding, groups and dilation, as torch's `conv2d` computes it, differentiable.
 *
 * @param x input `[N, H, W, C]`
 * @param filter `[kh, kw, C / groups, O]`
 * @returns `[N, H', W', O]`
 * @throws {RangeError} where the input is smaller than the filter
 */
export function conv2d(x: tf.Tensor4D, filter: tf.Tensor4D, geometry: Conv2dGeometry): tf.Tensor4D {
  const { stride, dilation, groups } = geometry;
  checkRoom(x.shape, filter.shape, geometry);
  if (hasKernel("ThawConv2D")) {
    return runKernel("ThawConv2D", { x, filter }, { stride, dilation, padding: geometry.padding });
  }
  const input = pad2d(x, geometry.padding);
  if (groups === x.shape[3] && groups > 1) {
    const [kh, kw, , out] = filter.shape;
    const perChannel = dilateFilter(filter, dilation).reshape([
      (kh - 1) * dilation[0] + 1,
      (kw - 1) * dilation[1] + 1,
      groups,
      out / groups,
    ]) as tf.Tensor4D;
    // tfjs's depthwise kernels take equal strides only; a wider one is a stride of 1, thinned out.
    if (stride[0] === stride[1]) return tf.depthwiseConv2d(input, perChannel, stride, "valid");
    return thin(tf.depthwiseConv2d(input, perChannel, 1, "valid"), stride);
  }
  const dense = dilateFilter(filter, dilation);
  if (groups === 1) return tf.conv2d(input, dense, stride, "valid");
  const filters = tf.split(dense, groups, 3);
  const parts = tf.split(input, groups, 3).map((part, g) =>
    tf.conv2d(part as tf.Tensor4D, filters[g] as tf.Tensor4D, stride, "valid")
  );
  return tf.concat4d(parts, 3);
}

function checkRoom(x: number[], filter: number[], { padding, dilation }: Conv2dGeometry): void {
  for (const axis of [0, 1]) {
    const least = (filter[axis] - 1) * dilation[axis] + 1 - padding[2 * axis] - padding[2 * axis + 1];
    if (x[axis + 1] < least) {
      throw new RangeError(
        `expected at least ${least} pixels of ${["height", "width"][axis]}, ` +
          `found ${x[axis + 1]} in [${x.join(", ")}]`,
      );
    }
  }
}

/** The zeros that TensorFlow's SAME puts around one axis: `[before, after]`, the odd one after. */
export function samePadding(size: number, kernel: number, stride: number, dilation = 1): [number, number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size);
  return [total >> 1, total - (total >> 1)];
}

/** Adds `[top, bottom, left, right]` rows and columns of `value` around `[N, H, W, C]`. */
export function pad2d(x: tf.Tensor4D, [top, bottom, left, right]: number[], value = 0): tf.Tensor4D {
  if (top + bottom + left + right === 0) return x;
  return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], value);
}

/** Spreads a filter's taps apart with zeros: tfjs has no gradient for dilated convolutions, but it has for these steps. */
export function dilateFilter(filter: tf.Tensor4D, [dh, dw]: [number, number]): tf.Tensor4D {
  if (dh === 1 && dw === 1) return filter;
  const [kh, kw, i, o] = filter.shape;
  const rows = tf.pad(filter.reshape([kh, 1, kw * i * o]), [[0, 0], [0, dh - 1], [0, 0]]);
  const columns = tf.pad(rows.reshape([kh * dh * kw, 1, i * o]), [[0, 0], [0, dw - 1], [0, 0]]);
  const spread = columns.reshape([kh * dh, kw * dw, i, o]) as tf.Tensor4D;
  return tf.slice(spread, [0, 0, 0, 0], [(kh - 1) * dh + 1, (kw - 1) * dw + 1, i, o]);
}

function thin(x: tf.Tensor4D, stride: [number, number]): tf.Tensor4D {
  const rows = tf.range(0, x.shape[1], stride[0], "int32");
  const columns = tf.range(0, x.shape[2], stride[1], "int32");
  return tf.gather(tf.gather(x, rows, 1), columns, 2);
}
