import { checkFeatures, type FeatureMatrix } from "./feature_matrix.ts";

/**
 * LEEP, the log expected empirical prediction (Nguyen, Hassner, Seeger & Archambeau 2020, "LEEP: A New Measure to Evaluate
 * Transferability of Learned Representations", ICML): how well a network's own answers to the classes of its pretraining
 * foretell the new labels, without any training.
 *
 * Each old class z is taken to mean the new class y with the share P(y | z) that it has over the samples; LEEP is the mean of
 * `log Σ P(y | z) θ(z)`, θ being the network's probabilities. It is at most 0; where the old classes say nothing of the new
 * ones it is minus the entropy of the new labels.
 *
 * @param logits the pretrained head's output `[N, Z]`
 * @param labels N numbers of the new classes
 * @returns nats a sample
 * @throws {TypeError} where there is not one label for each row, {RangeError} where a label is no class's number
 *
 * @example
 * ```ts
 * import { leep } from "thaw";
 *
 * const logits = { rows: 4, columns: 2, values: Float32Array.of(9, 0, 9, 0, 0, 9, 0, 9) };
 * console.log(leep(logits, [1, 1, 0, 0]) > leep(logits, [1, 0, 1, 0])); // true
 * ```
 */
export function leep(logits: FeatureMatrix, labels: ArrayLike<number>): number {
  checkFeatures("compute LEEP", logits, labels);
  const { rows, columns } = logits;
  const answers = Array.from({ length: rows }, (_, i) => softmax(logits, i));
  const classes = 1 + Array.from(labels).reduce((a, b) => Math.max(a, b), 0);
  const joint = Array.from({ length: classes }, () => new Float64Array(columns)); // N · P(y, z)
  const marginal = new Float64Array(columns); // N · P(z)
  answers.forEach((answer, i) => {
    for (let z = 0; z < columns; z++) {
      joint[labels[i]][z] += answer[z];
      marginal[z] += answer[z];
    }
  });
  const logs = answers.map((answer, i) => {
    const own = joint[labels[i]];
    let expected = 0;
    for (let z = 0; z < columns; z++) if (marginal[z] > 0) expected += answer[z] * own[z] / marginal[z];
    return Math.log(expected);
  });
  return logs.reduce((sum, log) => sum + log, 0) / rows;
}

/** The probabilities of row `i`. */
function softmax({ columns, values }: FeatureMatrix, i: number): Float64Array {
  const row = Float64Array.from(values.subarray(i * columns, (i + 1) * columns));
  const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let z = 0; z < columns; z++) sum += row[z] = Math.exp(row[z] - largest);
  return row.map((value) => value / sum);
}
