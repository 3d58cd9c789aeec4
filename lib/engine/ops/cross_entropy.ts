import * as tf from "@tensorflow/tfjs";
import { atHand } from "./at_hand.ts";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * Cross entropy of each example, from logits, differentiable in the logits.
 *
 * @param logits `[N, classes]`
 * @param labels `[N]` int32, each below the number of classes
 * @returns `[N]`, in nats
 * @throws {RangeError} naming a label that is no class; where a card has the labels it gives NaN for it instead
 */
export function sparseCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor1D {
  const classes = logits.shape[1];
  if (hasKernel("ThawCrossEntropy")) {
    try {
      return runKernel<tf.Tensor[]>("ThawCrossEntropy", { logits, labels })[0] as tf.Tensor1D;
    } catch (error) {
      const label = /label value of (-?\d+) which is outside/.exec((error as Error).message)?.[1];
      throw label === undefined ? error : noClass(Number(label), classes);
    }
  }
  const known = atHand(labels);
  if (known) checkLabels(known, classes);
  const expected = tf.oneHot(labels, classes);
  const losses = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), expected), 1)) as tf.Tensor1D;
  // Of a label that is no class oneHot makes an empty row, and so a loss of 0.
  return known ? losses : tf.where(tf.equal(tf.sum(expected, 1), 1), losses, NaN);
}

/** @throws {RangeError} naming the first label that is no class */
export function checkLabels(labels: tf.TypedArray, classes: number): void {
  const wrong = labels.find((label) => label < 0 || label >= classes);
  if (wrong !== undefined) throw noClass(wrong, classes);
}

function noClass(label: number, classes: number): RangeError {
  const ignored = label === -100 ? ", which torch ignores; here such rows have to be left out" : "";
  return new RangeError(
    `Cannot compute the cross entropy: expected labels from 0 to ${classes - 1}, found ${label}${ignored}`,
  );
}
