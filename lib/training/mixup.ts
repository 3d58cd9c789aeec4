import * as tf from "@tensorflow/tfjs";
import { gatherRows } from "../engine/ops/gather_rows.ts";
import { RandomGenerator } from "../engine/random.ts";

/** How a batch is mixed with itself. */
export interface Mix {
  /** The share of each sample that stays its own. */
  share: number;
  /** Which sample each is mixed with. */
  partners: Int32Array;
}

/**
 * Draws how a batch is mixed (mixup: Zhang et al. 2018): a share from Beta(α, α) and a shuffle of the batch.
 *
 * @param where seed, epoch and batch decide the draw, so that a run can be repeated and resumed
 */
export function drawMix(alpha: number, count: number, where: { seed: number; epoch: number; batch: number }): Mix {
  const mixed = Math.imul(where.seed ^ Math.imul(where.epoch, 0x9e3779b1), 0x85ebca6b) ^
    Math.imul(where.batch, 0xc2b2ae35);
  const random = new RandomGenerator(mixed);
  const [a, b] = [gamma(alpha, random), gamma(alpha, random)];
  const partners = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [partners[i], partners[j]] = [partners[j], partners[i]];
  }
  return { share: a + b > 0 ? a / (a + b) : 1, partners };
}

/** Each sample with a part of its partner. */
export function mixSamples<T extends tf.Tensor>(samples: T, { share, partners }: Mix): T {
  return tf.tidy(() => {
    const others = gatherRows(samples, partners);
    return tf.add(tf.mul(samples, share), tf.mul(others, 1 - share)) as T;
  });
}

/**
 * A number that is made of labels, such as a loss, for samples that are of two classes.
 *
 * @param others the labels of the samples' partners
 */
export function mixTargets(
  labels: tf.Tensor1D,
  others: tf.Tensor1D,
  share: number,
  of: (labels: tf.Tensor1D) => tf.Scalar,
): tf.Scalar {
  return tf.add(tf.mul(of(labels), share), tf.mul(of(others), 1 - share));
}

/** A number from Gamma(shape, 1) (Marsaglia & Tsang 2000). */
function gamma(shape: number, random: RandomGenerator): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random.uniform()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x * x / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}
