/** What a network said about samples, and what is right; metrics are functions of it. */
export interface Predicted {
  /** One row of `classes` numbers for each sample; the largest is the answer. */
  logits: Float32Array;
  /** The right class of each sample. */
  labels: Int32Array;
  /** How many classes there are. */
  classes: number;
}

/** Each sample's most likely class; of equals the first, as argMax has it. */
export function answers({ logits, labels, classes }: Predicted): Int32Array {
  return labels.map((_, sample) => {
    const row = logits.subarray(sample * classes, (sample + 1) * classes);
    let best = 0;
    for (let i = 1; i < classes; i++) if (row[i] > row[best]) best = i;
    return best;
  });
}

/**
 * How often each class was taken for each: rows are the true classes, columns the predicted ones.
 *
 * @throws {RangeError} where a label is none of the classes
 */
export function confusionCounts(predicted: Predicted): number[][] {
  const { labels, classes } = predicted;
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  answers(predicted).forEach((answer, sample) => {
    const row = counts[labels[sample]];
    if (!row) {
      throw new RangeError(
        `Cannot count answers: expected labels from 0 to ${classes - 1}, one for each output, found ${labels[sample]}`,
      );
    }
    row[answer]++;
  });
  return counts;
}

/** Several batches' predictions as one. */
export function joinPredicted(parts: readonly Predicted[]): Predicted {
  const labels = Int32Array.from(parts.flatMap((part) => [...part.labels]));
  const classes = parts[0]?.classes ?? 0;
  const logits = new Float32Array(labels.length * classes);
  let at = 0;
  for (const part of parts) {
    logits.set(part.logits, at);
    at += part.logits.length;
  }
  return { logits, labels, classes };
}
