import * as tf from "@tensorflow/tfjs";
import * as activations from "../engine/ops/activations.ts";
import { adaptiveAvgPool2d as adaptive, avgPool2d as average } from "../engine/ops/avg_pool.ts";
import { sparseCrossEntropy } from "../engine/ops/cross_entropy.ts";
import { layerNorm as normalize } from "../engine/ops/layer_norm.ts";
import { linear as product } from "../engine/ops/linear.ts";
import { maxPool2d as pool } from "../engine/ops/max_pool.ts";
import { randomUniform } from "../engine/ops/random_uniform.ts";
import { checkOptions } from "./check_options.ts";
import { outputPair, type OutputSize, pair, type Size2d } from "./pair.ts";
import type { AvgPoolOptions, PoolOptions } from "./pooling.ts";

/**
 * Layers without state, as functions: torch.nn.functional. Feature maps are `[N, H, W, C]`.
 *
 * @module
 */

/** `max(x, 0)`. */
export function relu<T extends tf.Tensor>(x: T): T {
  return tf.relu(x);
}

/** `min(max(x, 0), 6)`. */
export function relu6<T extends tf.Tensor>(x: T): T {
  return tf.relu6(x);
}

/** `1 / (1 + e⁻ˣ)`. */
export function sigmoid<T extends tf.Tensor>(x: T): T {
  return tf.sigmoid(x);
}

/** The hyperbolic tangent. */
export function tanh<T extends tf.Tensor>(x: T): T {
  return tf.tanh(x);
}

/** `x · sigmoid(x)`. */
export function silu<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => activations.silu(x));
}

/** `x · relu6(x + 3) / 6`. */
export function hardswish<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => activations.hardswish(x));
}

/** `relu6(x + 3) / 6`. */
export function hardsigmoid<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => activations.hardsigmoid(x));
}

/** `x · Φ(x)`, where Φ is the normal distribution's cumulative one. */
export function gelu<T extends tf.Tensor>(x: T, approximate: "none" | "tanh" = "none"): T {
  return tf.tidy(() => activations.gelu(x, approximate));
}

/**
 * While training, zeroes each value with probability `p` and scales the others by `1 / (1 − p)`; otherwise the same tensor.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * console.log((await nn.functional.dropout(tf.ones([4]), 0.5, false).data()).join(" ")); // 1 1 1 1
 * ```
 */
export function dropout<T extends tf.Tensor>(x: T, p: number, training: boolean): T {
  if (!training || p === 0) return x.clone();
  if (p === 1) return tf.zerosLike(x);
  return tf.tidy(() => tf.mul(x, tf.mul(tf.cast(tf.greaterEqual(randomUniform(x.shape), p), "float32"), 1 / (1 - p))));
}

/** `x · weightᵀ + bias` over the last axis, with torch's weight `[out, in]`. */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => product(x, weight as tf.Tensor2D, bias as tf.Tensor1D | undefined));
}

/** What {@linkcode layerNorm} scales and shifts by, and what it adds to the variance. */
export interface LayerNormArguments {
  weight?: tf.Tensor;
  bias?: tf.Tensor;
  /** 1e-5 unless given. */
  eps?: number;
}

/**
 * Mean 0 and variance 1 along the last axes, then a scale and an offset.
 *
 * @param shape the sizes of those axes
 * @throws {TypeError} where the input does not end with them
 */
export function layerNorm(x: tf.Tensor, shape: readonly number[], args: LayerNormArguments = {}): tf.Tensor {
  const { weight, bias, eps = 1e-5 } = args;
  if (String(x.shape.slice(-shape.length)) !== String(shape) || x.rank < shape.length) {
    throw new TypeError(`expected input [..., ${shape.join(", ")}], found [${x.shape.join(", ")}]`);
  }
  const size = shape.reduce((product, axis) => product * axis, 1);
  const flat = (one: tf.Tensor | undefined) => one && one.reshape<tf.Tensor1D>([size]);
  return tf.tidy(() => normalize(x.reshape([-1, size]), flat(weight), flat(bias), eps).reshape(x.shape));
}

/** Options of {@linkcode scaledDotProductAttention}. */
export interface AttentionOptions {
  /** Added to the products of queries and keys, `[L, L]` or what broadcasts to `[N, heads, L, L]`. */
  bias?: tf.Tensor;
  /** What the products are multiplied by; 1 / √channels. */
  scale?: number;
  /** The probability with which a weight is dropped; 0. */
  dropout?: number;
}

/**
 * Attention of queries, keys and values `[N, heads, L, C]` (Vaswani et al. 2017): the values' mean, weighted by the softmax of
 * the queries' products with the keys.
 *
 * @returns `[N, heads, L, C]`
 */
export function scaledDotProductAttention(
  query: tf.Tensor4D,
  key: tf.Tensor4D,
  value: tf.Tensor4D,
  options: AttentionOptions = {},
): tf.Tensor4D {
  const { bias, scale = 1 / Math.sqrt(query.shape[3]), dropout: p = 0 } = options;
  return tf.tidy(() => {
    const products = tf.matMul(tf.mul(query, scale), key, false, true);
    const weights = tf.softmax(bias ? tf.add(products, bias) : products) as tf.Tensor4D;
    return tf.matMul(p ? dropout(weights, p, true) : weights, value);
  });
}

/** Probabilities from logits, over the last axis. */
export function softmax<T extends tf.Tensor>(logits: T): T {
  return tf.softmax(logits);
}

/** The mean cross entropy of logits `[N, classes]` and labels `[N]` int32, in nats. */
export function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  return tf.tidy(() => tf.mean(sparseCrossEntropy(logits, labels)));
}

/** The largest value of each window; `stride` is the window's size unless given. */
export function maxPool2d(
  x: tf.Tensor4D,
  kernelSize: Size2d,
  options: PoolOptions = {},
): tf.Tensor4D {
  checkOptions("run maxPool2d", options, ["stride", "padding", "ceilMode"]);
  const { stride = kernelSize, padding = 0, ceilMode = false } = options;
  const geometry = { kernel: pair(kernelSize), stride: pair(stride), padding: pair(padding), ceilMode };
  return tf.tidy(() => pool(x, geometry));
}

/** The mean of each window; `stride` is the window's size unless given. */
export function avgPool2d(x: tf.Tensor4D, kernelSize: Size2d, options: AvgPoolOptions = {}): tf.Tensor4D {
  checkOptions("run avgPool2d", options, ["stride", "padding", "ceilMode", "countIncludePad", "divisorOverride"]);
  const { stride = kernelSize, padding = 0, ceilMode = false, countIncludePad = true, divisorOverride } = options;
  const window = { kernel: pair(kernelSize), stride: pair(stride), padding: pair(padding), ceilMode };
  return tf.tidy(() => average(x, { ...window, countIncludePad, divisorOverride }));
}

/** Means over a grid of cells, so that the output has the given height and width; `null` keeps the input's. */
export function adaptiveAvgPool2d(x: tf.Tensor4D, outputSize: OutputSize): tf.Tensor4D {
  return tf.tidy(() => adaptive(x, outputPair(outputSize, x.shape)));
}

/**
 * Everything but the batch in one row, in torch's order: feature maps `[N, H, W, C]` are laid out channel by channel, so
 * that a Linear behind them finds what its pretrained weights expect.
 */
export function flatten(x: tf.Tensor): tf.Tensor2D {
  const [, height, width] = x.shape;
  return tf.tidy(() => {
    const ordered = x.rank === 4 && height! * width! > 1 ? tf.transpose(x, [0, 3, 1, 2]) : x;
    return ordered.reshape([x.shape[0], -1]);
  });
}
