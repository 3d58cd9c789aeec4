/** What one pass over the training data came to. Losses are mean cross entropies in nats, accuracies shares from 0 to 1. */
export interface Epoch {
  /** From 1. */
  epoch: number;
  loss: number;
  accuracy: number;
  /** On the validation data, where there is any. */
  validationLoss?: number;
  validationAccuracy?: number;
  /** What `fit`'s `metrics` came to on the validation data, by name. */
  metrics?: Record<string, number>;
  /** The first group's step size at the epoch's end. */
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
    const metrics = [...new Set(this.flatMap((epoch) => Object.keys(epoch.metrics ?? {})))];
    const lines = Array.from(
      this,
      (epoch) => [...columns.map((name) => epoch[name] ?? ""), ...metrics.map((name) => epoch.metrics?.[name] ?? "")],
    );
    return [[...columns, ...metrics], ...lines].map((line) => line.join(",")).join("\n") + "\n";
  }
}
