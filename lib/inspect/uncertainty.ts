/** What several passes over one image say together. Probabilities are by class, entropies in nats. */
export interface Uncertainty {
  /** The mean of the passes' probabilities. */
  mean: Float32Array;
  /** Their standard deviation over the passes (by n − 1). */
  deviation: Float32Array;
  /** The entropy of the mean: all that is not known, be it for lack of learning or because the image could be either. */
  entropy: number;
  /** How much of it is the passes' disagreement: the entropy of the mean less the mean of the passes' entropies. */
  mutualInformation: number;
}

/**
 * Mean, spread, predictive entropy and mutual information of an image's probabilities over passes (Gal & Ghahramani 2016;
 * Houlsby et al. 2011, "BALD").
 *
 * @param passes the probabilities of each class, once for each pass; two passes at least
 */
export function uncertaintyOf(passes: readonly ArrayLike<number>[]): Uncertainty {
  const count = passes.length;
  const classes = Array.from({ length: passes[0].length }, (_, i) => passes.map((probabilities) => probabilities[i]));
  const means = classes.map((own) => sum(own) / count);
  const deviation = classes.map((own, i) => Math.sqrt(sum(own.map((one) => (one - means[i]) ** 2)) / (count - 1)));
  const total = entropy(means);
  const within = sum(passes.map(entropy)) / count;
  return {
    mean: Float32Array.from(means),
    deviation: Float32Array.from(deviation),
    entropy: total,
    mutualInformation: Math.max(0, total - within), // never below, but for rounding
  };
}

/** An answer, how uncertain it is, and whether it is right. */
export interface Judged {
  uncertainty: number;
  right: boolean;
}

/** The accuracy of the most certain 5 %, 10 %, … 100 % of the answers: it falls where uncertainty tells right from wrong. */
export function accuracyOfKept(answers: readonly Judged[]): { share: number; accuracy: number }[] {
  const certainFirst = answers.toSorted((a, b) => a.uncertainty - b.uncertainty);
  return Array.from({ length: 20 }, (_, i) => {
    const share = (i + 1) / 20;
    const kept = certainFirst.slice(0, Math.max(1, Math.round(share * answers.length)));
    return { share, accuracy: kept.filter(({ right }) => right).length / kept.length };
  });
}

/**
 * Of a right and a wrong answer, how often the wrong one is the less certain: the area under the ROC curve, 0.5 where
 * uncertainty says nothing.
 *
 * @returns undefined where all are right or all are wrong
 */
export function separation(answers: readonly Judged[]): number | undefined {
  const [right, wrong] = [true, false].map((which) => answers.filter((answer) => answer.right === which));
  if (right.length === 0 || wrong.length === 0) return undefined;
  const points = wrong.map(({ uncertainty }) =>
    sum(right.map((one) => one.uncertainty < uncertainty ? 1 : one.uncertainty === uncertainty ? 0.5 : 0))
  );
  return sum(points) / (right.length * wrong.length);
}

function entropy(probabilities: ArrayLike<number>): number {
  return -sum(Array.from(probabilities, (p) => p > 0 ? p * Math.log(p) : 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
