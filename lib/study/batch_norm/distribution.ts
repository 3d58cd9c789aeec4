import * as tf from "@tensorflow/tfjs";

/** Where the values of a layer's output lie. */
export interface Distribution {
  mean: number;
  /** The standard deviation. */
  deviation: number;
  /** The 15th, 50th and 85th percentiles, as in Ioffe & Szegedy's (2015) figure. */
  low: number;
  median: number;
  high: number;
}

/** From so many values on percentiles are those of as many of them, evenly spread. */
const MOST = 16384;

/** What {@linkcode distributionOf} reads; kept until then. */
export interface Gathered {
  moments: tf.Tensor;
  values: tf.Tensor;
}

/** Takes from a layer's output, inside of a tidy, what its distribution needs; who takes it disposes of it. */
export function gather(output: tf.Tensor): Gathered {
  const flat = tf.reshape(output, [-1]);
  const { mean, variance } = tf.moments(flat);
  const values = flat.size <= MOST ? flat.clone() : tf.gather(flat, spread(flat.size, output.shape.at(-1) ?? 1));
  return { moments: tf.keep(tf.stack([mean, tf.sqrt(variance)])), values: tf.keep(values) };
}

/** The distribution of what was gathered. */
export async function distributionOf({ moments, values }: Gathered): Promise<Distribution> {
  const [[mean, deviation], sample] = await Promise.all([moments.data(), values.data()]);
  const sorted = Float32Array.from(sample).sort();
  const [low, median, high] = [0.15, 0.5, 0.85].map((share) => percentile(sorted, share));
  return { mean, deviation, low, median, high };
}

/** Between two values in proportion, as numpy's `percentile`. */
export function percentile(sorted: Float32Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Positions at even distances that meet every channel. */
function spread(size: number, channels: number): tf.Tensor1D {
  let step = Math.ceil(size / MOST);
  while (commonDivisor(step, channels) > 1) step++;
  return tf.range(0, Math.floor((size - 1) / step) + 1, 1, "int32").mul(tf.scalar(step, "int32"));
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
