import * as tf from "@tensorflow/tfjs";
import { constant } from "../engine/ops/constant.ts";
import { widen } from "../engine/ops/widen.ts";

/** What makes a cross entropy more than the plain one. */
export interface CrossEntropyOptions {
  /** How much each class counts; all the same unless given. The mean is a weighted one, as torch's. */
  weight?: readonly number[];
  /** The share of each target that goes to all classes alike (Szegedy et al. 2016); 0. */
  labelSmoothing?: number;
}

/**
 * The mean cross entropy with smoothed labels and weighted classes: torch.nn.functional.cross_entropy with `weight` and
 * `label_smoothing`.
 *
 * @param logits `[N, classes]`
 * @param labels `[N]` int32
 */
export function weightedCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  { weight, labelSmoothing = 0 }: CrossEntropyOptions,
): tf.Scalar {
  const classes = logits.shape[1];
  const weights = weight ? classWeights(weight) : tf.fill<tf.Rank.R1>([classes], 1);
  const hard = tf.oneHot(labels, classes, 1, 0, "float32");
  const smoothed = tf.add(tf.mul(hard, 1 - labelSmoothing), labelSmoothing / classes);
  const surprise = tf.neg(tf.sum(tf.mul(tf.mul(smoothed, weights), tf.logSoftmax(widen(logits)))));
  return tf.div(surprise, tf.sum(tf.gather(weights, labels))) as tf.Scalar;
}

const known = new WeakMap<readonly number[], Float32Array>();

/** The weights as a tensor `[classes]`. */
export function classWeights(weight: readonly number[]): tf.Tensor1D {
  let values = known.get(weight);
  if (!values) known.set(weight, values = Float32Array.from(weight));
  return constant(values, [values.length]);
}
