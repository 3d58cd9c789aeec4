import { sample } from "../../data/stratify.ts";
import { checkFeatures, type FeatureMatrix } from "./feature_matrix.ts";
import { type Pause, rowProducts, spectrum } from "./spectrum.ts";

/** Options of {@linkcode logME}. */
export interface LogMEOptions {
  /**
   * The most samples that are computed with: of more, each class gives its share, always the same ones. The evidence is a
   * mean over samples, so it changes little; the time grows with samples · features². 2,000.
   */
  maxSamples?: number;
  /** Called now and then; the computation waits for it, and ends with what it throws. */
  pause?: Pause;
}

/**
 * LogME, the logarithm of the maximum evidence: how well features explain labels by a linear model whose prior and noise
 * are the likeliest ones, and so without having learnt the labels by heart. Features that have more of it make the better
 * network after fine-tuning; figures of one dataset can be compared with one another, those of different datasets cannot.
 *
 * For each class its indicator y (1 or 0) is modelled as `y = f·w + noise`, w ~ N(0, 1/α), noise ~ N(0, 1/β). LogME is the
 * mean over classes and samples of `log p(y | α, β)` at the α and β that make it largest, in nats. You, Liu, Wang & Long
 * 2021, "LogME: Practical Assessment of Pre-trained Models for Transfer Learning", ICML, with the fixed point of its
 * extended version (JMLR 2022), here begun where the evidence is largest on a coarse grid, so that it does not depend on the
 * features' scale.
 *
 * @param features `[N, C]`, such as `stageFeatures` gives
 * @param labels N class numbers
 * @throws {TypeError} where features and labels do not fit together, {RangeError} where an option or a label cannot be
 *
 * @example
 * ```ts
 * import { logME } from "thaw";
 *
 * const labels = [0, 0, 1, 1];
 * const good = await logME({ rows: 4, columns: 2, values: Float32Array.of(1, 0.1, 0.9, 0, 0.1, 1, 0, 0.8) }, labels);
 * const bad = await logME({ rows: 4, columns: 2, values: Float32Array.of(1, 0.1, 0, 0.9, 0.9, 0, 0.1, 1) }, labels);
 * console.log(good > bad); // true
 * ```
 */
export async function logME(
  features: FeatureMatrix,
  labels: ArrayLike<number>,
  { maxSamples = 2000, pause = () => Promise.resolve() }: LogMEOptions = {},
): Promise<number> {
  checkFeatures("compute LogME", features, labels);
  if (!Number.isInteger(maxSamples) || maxSamples < 1) {
    throw new RangeError(`Cannot compute LogME: expected maxSamples to be a whole number ≥ 1, found ${maxSamples}`);
  }
  const present = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  const compact = Int32Array.from(labels, (label) => present.indexOf(label));
  const size = Math.max(maxSamples, present.length);
  const rows = features.rows <= size ? compact.map((_, i) => i) : sample(compact, present.length, size, 0);
  const { strengths, explained } = await decompose(features, rows, rows.map((row) => compact[row]), pause);
  const evidences = explained.map(({ squares, left }) => {
    const problem = { strengths, squares, left, samples: rows.length };
    return evidence(problem, likeliestRatio(problem));
  });
  return evidences.reduce((sum, each) => sum + each, 0) / evidences.length;
}

/** What the evidence of one class depends on. */
interface Problem {
  /** The features' squared singular values σ, those that are not zero. */
  strengths: Float64Array;
  /** The squared component of the class's indicator along each of the features' left singular vectors. */
  squares: Float64Array;
  /** What of the indicator's square no feature explains. */
  left: number;
  samples: number;
}

/**
 * Fewer features than samples that explain a class more exactly than this do so by rounding, since they are float32: so much
 * stays unexplained, and the evidence finite.
 */
const EXACT = 1e-9;

/** The singular values of the features and the components of each class's indicator, by the smaller of FᵀF and FFᵀ. */
async function decompose({ columns, values }: FeatureMatrix, rows: Int32Array, labels: Int32Array, pause: Pause) {
  const samples = rows.length;
  const wide = columns > samples;
  const table = new Float64Array(samples * columns);
  rows.forEach((row, i) => {
    for (let j = 0; j < columns; j++) table[wide ? i * columns + j : j * samples + i] = values[row * columns + j];
  });
  const classes = labels.reduce((a, b) => Math.max(a, b), 0) + 1;
  const vectors = Array.from({ length: classes }, (_, label) => {
    if (wide) return Float64Array.from(labels, (one) => Number(one === label));
    const sums = new Float64Array(columns); // Fᵀy
    labels.forEach((one, i) => {
      if (one === label) { for (let j = 0; j < columns; j++) sums[j] += table[j * samples + i]; }
    });
    return sums;
  });
  const size = Math.min(samples, columns);
  const { values: all, components } = await spectrum(await rowProducts(table, size, pause), size, vectors, pause);
  const least = all.reduce((a, b) => Math.max(a, b), 0) * Number.EPSILON * Math.max(samples, columns);
  const kept = [...all.keys()].filter((i) => all[i] > least);
  const strengths = Float64Array.from(kept, (i) => all[i]);
  const explained = components.map((component, label) => {
    const squares = Float64Array.from(kept, (i) => component[i] ** 2 / (wide ? 1 : all[i]));
    const total = labels.filter((one) => one === label).length;
    const least = kept.length < samples ? EXACT * total : 0;
    return { squares, left: Math.max(least, total - squares.reduce((a, b) => a + b, 0)) };
  });
  return { strengths, explained };
}

/** The t = α/β at which the evidence is largest. */
function likeliestRatio(problem: Problem): number {
  const { strengths } = problem;
  const largest = strengths.reduce((a, b) => Math.max(a, b), 0);
  if (largest === 0) return 1; // features that are all zero: nothing depends on it
  const grid = Array.from({ length: 61 }, (_, i) => largest * 10 ** (i / 3 - 14));
  let ratio = grid.reduce((best, t) => evidence(problem, t) > evidence(problem, best) ? t : best);
  const [low, high] = [grid[0], grid[grid.length - 1]];
  for (let step = 0; step < 1000; step++) {
    const { decided, free, weight, residual } = moments(problem, ratio);
    // α = γ / |m|² and β = (N − γ) / |y − Fm|²; the bounds hold where the evidence has no maximum, but a limit
    const next = Math.min(high, Math.max(low, decided / weight * residual / free));
    if (!(Math.abs(next - ratio) > 1e-9 * ratio)) break;
    ratio = next;
  }
  return ratio;
}

/** Of the posterior mean m at t: γ, the number of weights that the data decide, N − γ, |m|² and |y − Fm|². */
function moments({ strengths, squares, left, samples }: Problem, t: number) {
  let decided = 0, free = samples - strengths.length, weight = 0, residual = left;
  for (let i = 0; i < strengths.length; i++) {
    const sum = strengths[i] + t;
    decided += strengths[i] / sum;
    free += t / sum;
    weight += strengths[i] * squares[i] / (sum * sum);
    residual += squares[i] * (t / sum) ** 2;
  }
  return { decided, free, weight, residual };
}

/** log p(y | α, β) a sample at α = tβ and the β that is likeliest then. */
function evidence(problem: Problem, t: number): number {
  const { strengths, samples } = problem;
  const { weight, residual } = moments(problem, t);
  const noise = samples / (residual + t * weight); // β
  let logs = 0;
  for (let i = 0; i < strengths.length; i++) logs += Math.log(t / (t + strengths[i]));
  return (samples / 2 * (Math.log(noise) - 1 - Math.log(2 * Math.PI)) + logs / 2) / samples;
}
