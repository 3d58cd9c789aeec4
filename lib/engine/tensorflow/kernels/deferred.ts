import * as tf from "@tensorflow/tfjs";
import { type ConvAttributes, denseAttributes } from "./conv_geometry.ts";
import { runFused } from "./fused_op.ts";
import { mayUseOneDnn } from "./onednn.ts";
import { withoutLogLines } from "../quiet.ts";
import { bool, FLOAT, type OpAttribute, type OpRunner, type } from "./op.ts";

/**
 * A convolution, or a product with a layer's weights, that waits for what comes next.
 *
 * While nothing is being differentiated, it is not computed when it is called: if batch norm, a bias, the sum with another
 * branch or an activation follows, as in nearly every network, oneDNN computes all of it in one pass over memory. Whoever
 * asks for its values before that gets what it is by then.
 *
 * Tensors are meant by the binding's numbers.
 */
export interface Deferred {
  op: "Conv2D" | "MatMul";
  attributes: OpAttribute[];
  /** The output's shape; a product is computed row by row and takes this shape at last. */
  shape: number[];
  x: number;
  /** The convolution's filter, the layer's weights. */
  filter: number;
  bias?: number;
  side?: number;
  activation?: Activation;
  /** The filter and the bias before they were held for this: what tells whether they are still the same. */
  origin: { filter: number; bias?: number };
}

/** How a convolution or a product can end, by the name that oneDNN's ops have for it. */
export interface Activation {
  name: "Relu" | "Relu6" | "LeakyRelu" | "_MklSwish" | "_FusedHardSwish" | "GeluExact" | "GeluApproximate";
  /** What leaky relu multiplies numbers below 0 by. */
  slope?: number;
}

const waiting = new WeakMap<object, Map<number, Deferred>>();

/** What stands behind this tensor where it waits; undefined where it does not. */
export function findDeferred(backend: OpRunner, tensor: tf.Tensor): Deferred | undefined {
  if (tf.engine().state.gradientDepth > 0) return undefined; // the tape wants every step by itself
  return waiting.get(backend)?.get(backend.getInputTensorIds([tensor])[0]);
}

/** A tensor that stands for it and is computed when something asks for its values. */
export function defer(backend: OpRunner, what: Deferred): tf.Tensor {
  const { binding } = backend;
  // Second handles on the inputs: they may be freed, or changed by training, before the result is asked for.
  const share = (id: number | undefined) => id === undefined ? undefined : binding.share(id);
  const held = {
    ...what,
    x: share(what.x)!,
    filter: share(what.filter)!,
    bias: share(what.bias),
    side: share(what.side),
  };
  const known = waiting.get(backend) ?? new Map<number, Deferred>();
  waiting.set(backend, known);
  const id = binding.defer(() => runFused(backend, held), () => {
    known.delete(id);
    for (const input of [held.x, held.filter, held.bias, held.side]) {
      if (input !== undefined) binding.deleteTensor(input);
    }
  });
  known.set(id, held);
  return backend.createOutputTensor({ id, shape: what.shape, dtype: FLOAT });
}

/** The same plus a bias for each channel, or plus another branch; undefined where `x` is nothing that waits for one. */
export function deferSum(backend: OpRunner, x: tf.Tensor, other: tf.Tensor): tf.Tensor | undefined {
  const before = findDeferred(backend, x);
  if (!before || before.side !== undefined || before.activation) return undefined;
  if (x.dataId === other.dataId) return undefined; // plus itself: it has to be computed as it is
  const { op, shape } = before;
  const channels = shape[shape.length - 1];
  if (before.bias === undefined) {
    if (other.rank !== 1 || other.shape[0] !== channels) return undefined;
    const [bias] = backend.getInputTensorIds([other]);
    return defer(backend, { ...before, bias, origin: { ...before.origin, bias } });
  }
  if (other.rank !== shape.length || other.shape.some((size, axis) => size !== shape[axis])) return undefined;
  const side = op === "MatMul" && other.rank !== 2 ? other.reshape([-1, channels]) : other;
  return defer(backend, { ...before, side: backend.getInputTensorIds([side])[0] });
}

/** The same with an activation at its end; undefined where `x` is nothing that can end so. */
export function deferActivation(backend: OpRunner, x: tf.Tensor, activation: Activation): tf.Tensor | undefined {
  const before = findDeferred(backend, x);
  if (!before || before.bias === undefined || before.activation) return undefined;
  const { op, side } = before;
  return canFuse(backend, op, side !== undefined, activation) ? defer(backend, { ...before, activation }) : undefined;
}

const tried = new WeakMap<object, Map<string, boolean>>();

/** Whether this build computes such a thing in one pass: tried out, on a single number, when it is first asked for. */
export function canFuse(backend: OpRunner, op: Deferred["op"], side = false, activation?: Activation): boolean {
  const known = tried.get(backend) ?? new Map<string, boolean>();
  tried.set(backend, known);
  const kind = `${op} ${side} ${activation?.name}`;
  // TensorFlow logs, once, that its own kernel of a product reads an attribute that the op does not list.
  if (!known.has(kind)) known.set(kind, withoutLogLines(() => attempt(backend, op, side, activation), 4));
  return known.get(kind)!;
}

function attempt(backend: OpRunner, op: Deferred["op"], side: boolean, activation?: Activation): boolean {
  if (!mayUseOneDnn(backend, `_MklNativeFused${op}`)) return false;
  return tf.tidy(() => {
    const shape = op === "Conv2D" ? [1, 1, 1, 1] : [1, 1];
    const attributes = op === "Conv2D" ? denseAttributes(ONE_PIXEL, "VALID") : linearAttributes;
    try {
      const [x, filter, bias] = backend.getInputTensorIds([tf.ones(shape), tf.ones(shape), tf.ones([1])]);
      const what = { op, attributes, shape, x, filter, bias, activation, origin: { filter } };
      backend.binding.deleteTensor(runFused(backend, { ...what, side: side ? x : undefined }));
      return true;
    } catch {
      return false;
    }
  });
}

const ONE_PIXEL: ConvAttributes = { stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] };

/** The attributes of a product with weights in torch's layout, `[out, in]`. */
export const linearAttributes: OpAttribute[] = [type("T"), bool("transpose_a", false), bool("transpose_b", true)];
