/** What one pass over the training data came to. Losses are mean cross entropies in nats, accuracies shares from 0 to 1. */
export interface Epoch {
  /** From 1. */
  epoch: number;
  loss: number;
  accuracy: number;
  /** On the validation data, where there is any. */
  validationLoss?: number;
  validationAccuracy?: number;
  /** The first group's step size. */
  learningRate: number;
  /** How long the epoch took, validation included. */
  seconds: number;
}

const columns = [
  "epoch",
  "loss",
  "accuracy",
  "validationLoss",
  "validationAccuracy",
  "learningRate",
  "seconds",
] as const;

/** The epochs of a training run, as a list that becomes JSON or CSV. */
export class History extends Array<Epoch> {
  /** What `map` and the like make is an ordinary array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** A copy as plain objects. */
  toJSON(): Epoch[] {
    return Array.from(this, (epoch) => ({ ...epoch }));
  }

  /** One line per epoch below a line of names, comma separated. */
  toCSV(): string {
    const lines = Array.from(this, (epoch) => columns.map((column) => epoch[column] ?? "").join(","));
    return [columns.join(","), ...lines].join("\n") + "\n";
  }
}
