import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, denseAttributes, depthwiseAttributes } from "./conv_geometry.ts";
import { type CallOp, preferOneDnn } from "./onednn.ts";
import type { OpRunner } from "./op.ts";

const geometry: ConvAttributes = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] };

/** The ops of a convolution over all channels, or over groups of them, and of its gradients. */
export interface DenseOps {
  forward: CallOp;
  inputGradient: CallOp;
  filterGradient: CallOp;
}

/**
 * oneDNN's where this build has them. TensorFlow takes those by itself only on processors that have AVX-512; on others its own
 * take up to twice as long, and for groups three times, without gradients.
 */
export function denseOps(backend: OpRunner): DenseOps {
  const attributes = denseAttributes(geometry, "SAME");
  const [x, filter] = [[1, 4, 4, 2], [3, 3, 2, 2]];
  return {
    forward: preferOneDnn(backend, "Conv2D", (call) => call(backend, attributes, [tf.ones(x), tf.ones(filter)])),
    inputGradient: preferOneDnn(
      backend,
      "Conv2DBackpropInput",
      (call) => call(backend, attributes, [tf.tensor1d(x, "int32"), tf.ones(filter), tf.ones(x)]),
    ),
    filterGradient: preferOneDnn(
      backend,
      "Conv2DBackpropFilter",
      (call) => call(backend, attributes, [tf.ones(x), tf.tensor1d(filter, "int32"), tf.ones(x)]),
    ),
  };
}

/**
 * The ops of depthwise convolution. oneDNN's forward and input gradient take half the time; its filter gradient takes longer
 * than TensorFlow's own.
 */
export function depthwiseOps(backend: OpRunner): Pick<DenseOps, "forward" | "inputGradient"> {
  const attributes = depthwiseAttributes(geometry, "SAME");
  const [x, filter] = [[1, 4, 4, 2], [3, 3, 2, 1]];
  return {
    forward: preferOneDnn(
      backend,
      "DepthwiseConv2dNative",
      (call) => call(backend, attributes, [tf.ones(x), tf.ones(filter)]),
    ),
    inputGradient: preferOneDnn(
      backend,
      "DepthwiseConv2dNativeBackpropInput",
      (call) => call(backend, attributes, [tf.tensor1d(x, "int32"), tf.ones(filter), tf.ones(x)]),
    ),
  };
}
