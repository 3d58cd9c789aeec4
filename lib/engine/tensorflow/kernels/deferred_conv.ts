import * as tf from "@tensorflow/tfjs";
import { pad2d } from "../../ops/conv2d.ts";
import {
  type ConvAttributes,
  convShape,
  denseAttributes,
  depthwiseAttributes,
  depthwiseShape,
  isDepthwise,
  paddingMode,
} from "./conv_geometry.ts";
import { type BatchNorm, foldNorm } from "./fold_norm.ts";
import { FLOAT, float, ints, ONEDNN, type OpAttribute, type OpRunner, string, type } from "./op.ts";

/**
 * A convolution that waits for what comes next.
 *
 * While nothing is being differentiated, a convolution is not computed when it is called: if batch norm, a bias, the sum
 * with another branch or a relu follows, as in nearly every network, oneDNN computes all of it in one pass over memory,
 * batch norm folded into the filter. Whoever asks for its values before that gets the plain convolution.
 *
 * Tensors are meant by the binding's numbers.
 */
export interface DeferredConv {
  op: "Conv2D" | "DepthwiseConv2dNative";
  attributes: OpAttribute[];
  /** The output's shape. */
  shape: number[];
  /** A depthwise filter's outputs for each input channel. */
  multiplier: number;
  x: number;
  filter: number;
  bias?: number;
  side?: number;
  activation?: Activation;
  /** The filter and the bias before they were held for this: what tells whether they are still the same. */
  origin: { filter: number; bias?: number };
}

/** The activations that a convolution can end with. */
export type Activation = "Relu" | "Relu6";

const waiting = new WeakMap<object, Map<number, DeferredConv>>();

/** A tensor that stands for the convolution and is computed when something asks for its values. */
export function deferConv(backend: OpRunner, x: tf.Tensor, filter: tf.Tensor, attributes: ConvAttributes): tf.Tensor {
  const shape = convShape(x.shape, filter.shape, attributes);
  const mode = paddingMode(x.shape, filter.shape, attributes);
  const [origin] = backend.getInputTensorIds([filter]);
  if (!isDepthwise(x.shape, filter.shape, attributes)) {
    const [input] = backend.getInputTensorIds([x]);
    const dense = denseAttributes(attributes, mode);
    const conv = { op: "Conv2D" as const, attributes: dense, shape, multiplier: 1, x: input, filter: origin };
    return defer(backend, { ...conv, origin: { filter: origin } });
  }
  const explicit = mode === "EXPLICIT";
  const images = explicit ? pad2d(x as tf.Tensor4D, attributes.padding) : x;
  const taps = filter.reshape(depthwiseShape(x.shape, filter.shape));
  const [input, reshaped] = backend.getInputTensorIds([images, taps]);
  const native = depthwiseAttributes(attributes, explicit ? "VALID" : mode);
  const multiplier = filter.shape[3]! / x.shape[3]!;
  const conv = { op: "DepthwiseConv2dNative" as const, attributes: native, shape, multiplier, x: input };
  return defer(backend, { ...conv, filter: reshaped, origin: { filter: origin } });
}

/** The same with batch norm behind it; undefined where `x` is no convolution that waits for one. */
export function deferNorm(backend: OpRunner, x: tf.Tensor, norm: BatchNorm): tf.Tensor | undefined {
  const conv = find(backend, x);
  if (!conv || conv.side !== undefined || conv.activation) return undefined;
  return defer(backend, { ...conv, ...foldNorm(backend, conv, norm) });
}

/** The same plus a bias for each channel, or plus another branch; undefined where `x` is no convolution that waits. */
export function deferSum(backend: OpRunner, x: tf.Tensor, other: tf.Tensor): tf.Tensor | undefined {
  const conv = find(backend, x);
  if (!conv || conv.side !== undefined || conv.activation) return undefined;
  if (conv.bias === undefined) {
    if (other.rank !== 1 || other.shape[0] !== conv.shape[3]) return undefined;
    const [bias] = backend.getInputTensorIds([other]);
    return defer(backend, { ...conv, bias, origin: { ...conv.origin, bias } });
  }
  const fits = conv.op === "Conv2D" && other.rank === 4 && other.shape.every((size, axis) => size === conv.shape[axis]);
  return fits ? defer(backend, { ...conv, side: backend.getInputTensorIds([other])[0] }) : undefined;
}

/** The same with an activation at its end; undefined where `x` is no convolution that waits for one. */
export function deferActivation(backend: OpRunner, x: tf.Tensor, activation: Activation): tf.Tensor | undefined {
  const conv = find(backend, x);
  if (!conv || conv.bias === undefined || conv.activation) return undefined;
  return defer(backend, { ...conv, activation });
}

/** Whether this build has oneDNN's fused convolutions, tried out on one pixel. */
export function canFuse(backend: OpRunner): boolean {
  return tf.tidy(() => {
    try {
      const [x, filter, bias] = backend.getInputTensorIds([tf.ones([1, 1, 1, 1]), tf.ones([1, 1, 1, 1]), tf.ones([1])]);
      const attributes = denseAttributes({ stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] }, "VALID");
      const shape = [1, 1, 1, 1];
      const conv = { op: "Conv2D" as const, attributes, shape, multiplier: 1, x, filter, bias, origin: { filter } };
      backend.binding.deleteTensor(compute(backend, { ...conv, activation: "Relu" }));
      return true;
    } catch {
      return false;
    }
  });
}

function find(backend: OpRunner, tensor: tf.Tensor): DeferredConv | undefined {
  if (tf.engine().state.gradientDepth > 0) return undefined; // the tape wants every step by itself
  return waiting.get(backend)?.get(backend.getInputTensorIds([tensor])[0]);
}

function defer(backend: OpRunner, conv: DeferredConv): tf.Tensor {
  const { binding } = backend;
  // Second handles on the inputs: they may be freed, or changed by training, before the result is asked for.
  const share = (id: number | undefined) => id === undefined ? undefined : binding.share(id);
  const held = {
    ...conv,
    x: share(conv.x)!,
    filter: share(conv.filter)!,
    bias: share(conv.bias),
    side: share(conv.side),
  };
  const known = waiting.get(backend) ?? new Map<number, DeferredConv>();
  waiting.set(backend, known);
  const id = binding.defer(() => compute(backend, held), () => {
    known.delete(id);
    for (const input of [held.x, held.filter, held.bias, held.side]) {
      if (input !== undefined) binding.deleteTensor(input);
    }
  });
  known.set(id, held);
  return backend.createOutputTensor({ id, shape: conv.shape, dtype: FLOAT });
}

function compute({ binding }: OpRunner, conv: DeferredConv): number {
  const { op, attributes, x, filter, bias, side, activation } = conv;
  if (bias === undefined) return binding.executeOp(op, attributes, [x, filter], 1)[0].id;
  const operations = ["BiasAdd", ...(side === undefined ? [] : ["Add"]), ...(activation ? [activation] : [])];
  const others = side === undefined ? [bias] : [bias, side];
  const types = op === "Conv2D" ? [type("TArgs", others.map(() => FLOAT))] : [];
  const fused = [
    ints("num_args", others.length),
    ...types,
    string("fused_ops", operations),
    float("epsilon", 0),
    ONEDNN,
  ];
  return binding.executeOp(`_MklNativeFused${op}`, [...attributes, ...fused], [x, filter, ...others], 1)[0].id;
}
