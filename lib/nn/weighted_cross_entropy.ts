import * as tf from "@tensorflow/tfjs";

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
  const weights = tf.tensor1d([...weight ?? new Array<number>(classes).fill(1)]);
  const hard = tf.oneHot(labels, classes).toFloat();
  const smoothed = tf.add(tf.mul(hard, 1 - labelSmoothing), labelSmoothing / classes);
  const surprise = tf.neg(tf.sum(tf.mul(tf.mul(smoothed, weights), tf.logSoftmax(logits))));
  return tf.div(surprise, tf.sum(tf.gather(weights, labels))) as tf.Scalar;
}
