import * as tf from "@tensorflow/tfjs";
import { sparseCrossEntropy } from "../../engine/ops/cross_entropy.ts";
import { checkFeatures, type FeatureMatrix } from "./feature_matrix.ts";
import { minimize, type Slope } from "./lbfgs.ts";
import type { Pause } from "./spectrum.ts";

/** Features and the labels of their rows. */
export interface LabelledFeatures {
  features: FeatureMatrix;
  labels: ArrayLike<number>;
}

/** Options of {@linkcode linearProbe}. */
export interface ProbeOptions {
  /** How many classes there are; as many as the labels name unless given. */
  classes?: number;
  /** The L2 penalty: half of it times the squared weights is added to the mean cross entropy; 0.01. */
  l2?: number;
  /** Called now and then; the computation waits for it, and ends with what it throws. */
  pause?: Pause;
}

/** How well classes can be told apart by a linear function of features. */
export interface Probe {
  /** The share of the validation samples that are told right. */
  accuracy: number;
  /** The share of the training samples. */
  trainAccuracy: number;
  /** The mean cross entropy of the training samples with the penalty, in nats: what has been made as small as it gets. */
  loss: number;
  /** How many steps that took. */
  steps: number;
}

/**
 * A linear probe (Alain & Bengio 2016): how much a linear classifier can tell from features, which is what a new head on a
 * frozen body will reach at that cut.
 *
 * Multinomial logistic regression with an L2 penalty on features that are standardized by the training samples' mean and
 * standard deviation, trained to its optimum, which is unique: nothing in it is random. In scikit-learn it is
 * `LogisticRegression(C=1 / (l2 * N))` on `StandardScaler`'s features.
 *
 * @param train what is learnt from, `[N, C]`
 * @param validation what the accuracy is of, `[M, C]`
 * @throws {TypeError} where features and labels do not fit together, {RangeError} where an option or a label cannot be
 *
 * @example
 * ```ts
 * import { linearProbe } from "thaw";
 *
 * const train = { features: { rows: 4, columns: 1, values: Float32Array.of(0, 1, 4, 5) }, labels: [0, 0, 1, 1] };
 * const validation = { features: { rows: 2, columns: 1, values: Float32Array.of(-1, 9) }, labels: [0, 1] };
 * console.log((await linearProbe(train, validation)).accuracy); // 1
 * ```
 */
export async function linearProbe(
  train: LabelledFeatures,
  validation: LabelledFeatures,
  options: ProbeOptions = {},
): Promise<Probe> {
  const { l2 = 0.01, pause = () => Promise.resolve() } = options;
  const classes = check(train, validation, options);
  const { rows, columns } = train.features;
  const scale = scaleOf(train.features);
  const x = standardized(train.features, scale);
  const held = standardized(validation.features, scale);
  const labels = tf.tensor1d(Int32Array.from(train.labels), "int32");
  const expected = tf.oneHot(labels, classes);

  /** The penalized loss at weights `[columns, classes]` followed by biases `[classes]`. */
  async function evaluate(point: Float64Array): Promise<Slope> {
    await pause();
    const made = tf.tidy(() => {
      const logits = logitsOf(x, point, classes);
      const wrong = tf.div(tf.sub(tf.softmax(logits), expected), rows);
      const slope = tf.concat([tf.matMul(x, wrong, true), tf.sum(wrong, 0, true)]);
      return { loss: tf.mean(sparseCrossEntropy(logits, labels)), slope };
    });
    const [loss, slope] = await Promise.all([made.loss.data(), made.slope.data()]);
    tf.dispose(made);
    const gradient = new Float64Array(slope);
    let squares = 0;
    for (let i = 0; i < columns * classes; i++) {
      squares += point[i] ** 2;
      gradient[i] += l2 * point[i];
    }
    return { value: loss[0] + l2 / 2 * squares, gradient };
  }

  try {
    const { point, value, steps } = await minimize(evaluate, new Float64Array((columns + 1) * classes));
    const accuracy = await share(held, validation.labels, point, classes);
    return { accuracy, trainAccuracy: await share(x, train.labels, point, classes), loss: value, steps };
  } finally {
    tf.dispose([x, held, labels, expected]);
  }
}

function logitsOf(x: tf.Tensor2D, point: Float64Array, classes: number): tf.Tensor2D {
  const columns = x.shape[1];
  const weights = tf.tensor2d(new Float32Array(point.subarray(0, columns * classes)), [columns, classes]);
  const biases = tf.tensor1d(new Float32Array(point.subarray(columns * classes)));
  return tf.add(tf.matMul(x, weights), biases);
}

/** The share of rows whose largest logit is their label's. */
async function share(x: tf.Tensor2D, labels: ArrayLike<number>, point: Float64Array, classes: number): Promise<number> {
  const answers = tf.tidy(() => tf.argMax(logitsOf(x, point, classes), 1));
  const found = await answers.data();
  answers.dispose();
  return found.filter((answer, i) => answer === labels[i]).length / found.length;
}

/** Mean and standard deviation of each column; 1 in place of one that is rounding alone. */
function scaleOf({ rows, columns, values }: FeatureMatrix): { means: Float64Array; deviations: Float64Array } {
  const means = new Float64Array(columns);
  const deviations = new Float64Array(columns);
  for (let i = 0; i < values.length; i++) means[i % columns] += values[i] / rows;
  for (let i = 0; i < values.length; i++) deviations[i % columns] += (values[i] - means[i % columns]) ** 2 / rows;
  const isRounding = (j: number) => Math.sqrt(deviations[j]) <= 1e-6 * Math.abs(means[j]);
  return { means, deviations: deviations.map((square, j) => isRounding(j) ? 1 : Math.sqrt(square)) };
}

function standardized(
  { rows, columns, values }: FeatureMatrix,
  { means, deviations }: { means: Float64Array; deviations: Float64Array },
): tf.Tensor2D {
  const scaled = values.map((value, i) => (value - means[i % columns]) / deviations[i % columns]);
  return tf.tensor2d(scaled, [rows, columns]);
}

/** Checks all that was given; returns the number of classes. */
function check(train: LabelledFeatures, validation: LabelledFeatures, { classes, l2 = 0.01 }: ProbeOptions): number {
  checkFeatures("train a linear probe", train?.features, train?.labels);
  checkFeatures("judge a linear probe", validation?.features, validation?.labels);
  if (train.features.columns !== validation.features.columns) {
    throw new TypeError(
      `Cannot judge a linear probe: expected ${train.features.columns} features as it was trained on, found ` +
        `${validation.features.columns}`,
    );
  }
  if (!(l2 > 0 && l2 < Infinity)) {
    throw new RangeError(`Cannot train a linear probe: expected l2 to be a number above 0, found ${l2}`);
  }
  const named = 1 + [...Array.from(train.labels), ...Array.from(validation.labels)].reduce((a, b) => Math.max(a, b), 0);
  if (classes === undefined) return named;
  if (Number.isInteger(classes) && classes >= named) return classes;
  throw new RangeError(
    `Cannot train a linear probe: expected classes to be a whole number ≥ ${named}, as the labels are, found ${classes}`,
  );
}
