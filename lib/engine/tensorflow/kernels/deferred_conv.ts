import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, convShape, denseAttributes, paddingMode } from "./conv_geometry.ts";
import { canFuse, defer, findDeferred } from "./deferred.ts";
import { type BatchNorm, foldNorm } from "./fold_norm.ts";
import type { OpRunner } from "./op.ts";

/**
 * A convolution that waits for what comes next; see deferred.ts. A depthwise one is one of many groups to oneDNN, as fast
 * as the op that is made for it.
 */
export function deferConv(backend: OpRunner, x: tf.Tensor, filter: tf.Tensor, attributes: ConvAttributes): tf.Tensor {
  const mode = paddingMode(x.shape, filter.shape, attributes);
  const [images, taps] = backend.getInputTensorIds([x, filter]);
  return defer(backend, {
    op: "Conv2D",
    attributes: denseAttributes(attributes, mode),
    shape: convShape(x.shape, filter.shape, attributes),
    x: images,
    filter: taps,
    origin: { filter: taps },
  });
}

/**
 * Batch norm in evaluation: in the filter of the convolution in front of it where that waits for one, else a convolution by
 * itself that looks at single numbers, for an activation to join; undefined where this build has none, or while something is
 * being differentiated.
 */
export function deferNorm(backend: OpRunner, x: tf.Tensor, norm: BatchNorm): tf.Tensor | undefined {
  if (tf.engine().state.gradientDepth > 0 || !canFuse(backend, "Conv2D")) return undefined;
  const conv = findDeferred(backend, x);
  if (conv?.op === "Conv2D" && conv.side === undefined && !conv.activation) {
    return defer(backend, { ...conv, ...foldNorm(backend, norm, conv) });
  }
  const [images] = backend.getInputTensorIds([x]);
  const { filter, bias } = foldNorm(backend, norm);
  const attributes = denseAttributes({ stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] }, "VALID");
  return defer(backend, {
    op: "Conv2D",
    attributes,
    shape: x.shape,
    x: images,
    filter,
    bias,
    origin: { filter, bias },
  });
}
