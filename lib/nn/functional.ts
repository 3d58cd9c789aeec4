import * as tf from "@tensorflow/tfjs";
import { adaptiveAvgPool2d as adaptive } from "../engine/ops/avg_pool.ts";
import { sparseCrossEntropy } from "../engine/ops/cross_entropy.ts";
import { maxPool2d as pool } from "../engine/ops/max_pool.ts";
import { checkOptions } from "./check_options.ts";
import { outputPair, type OutputSize, pair, type Size2d } from "./pair.ts";
import type { PoolOptions } from "./pooling.ts";

/**
 * Layers without state, as functions: torch.nn.functional. Feature maps are `[N, H, W, C]`.
 *
 * @module
 */

/** `max(x, 0)`. */
export function relu<T extends tf.Tensor>(x: T): T {
  return tf.relu(x);
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
