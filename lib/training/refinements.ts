import { CrossEntropyLoss } from "../nn/mod.ts";
import { checkLimit, type ClipOptions } from "./clip.ts";
import { checkEarlyStopping, type EarlyStopping } from "./early_stopping.ts";
import type { TrainingData } from "./fit_options.ts";
import type { Epoch } from "./history.ts";
import { checkMetrics, type Metrics } from "./metrics.ts";
import type { Run } from "./run.ts";
import type { Schedule } from "./schedule.ts";
import { type ScheduleName, scheduleOf } from "./schedules.ts";

/** What `onStep` is told about a batch. */
export interface Step {
  /** Epoch and batch within it, from 1. */
  epoch: number;
  batch: number;
  loss: number;
  /** The first group's step size. */
  learningRate: number;
}

/** What `fit` can do beyond plain steps. */
export interface Refinements {
  /** How the step size changes: a function such as `cosine({ warmup: 100 })`, or the name of one. */
  schedule?: ScheduleName | Schedule;
  /** Limits on the gradients of each step: `{ norm: 1 }`, `{ value: 0.5 }`. */
  clip?: ClipOptions;
  /** How many batches make one step, as a batch so many times as large would; 1. Batch norm sees the small batches. */
  accumulate?: number;
  /** The share of each target that goes to all classes alike, in training; 0. */
  labelSmoothing?: number;
  /** How much each class counts in training; `"balanced"` makes up for classes of different sizes. */
  classWeights?: readonly number[] | "balanced";
  /** Mixes training samples by shares from Beta(α, α) (mixup: Zhang et al. 2018); 0.2 is usual, 0 is off. */
  mixup?: number;
  /** Ends the run when the validation loss (the training loss without validation data) no longer falls. */
  earlyStopping?: EarlyStopping;
  /** What to measure on the validation data after each epoch: `{ top3: topK(3) }`; found in each epoch's `metrics`. */
  metrics?: Metrics;
  /** Called after each epoch; the training waits for it. `run.stop()` ends the run. */
  onEpoch?: (epoch: Epoch, run: Run) => void | Promise<void>;
  /** Called after each batch; the training waits for it. */
  onStep?: (step: Step, run: Run) => void | Promise<void>;
}

/** {@linkcode Refinements} as the training uses them. */
export interface RefinementSettings extends Omit<Refinements, "schedule" | "classWeights"> {
  schedule?: Schedule;
  classWeights?: readonly number[];
}

/**
 * Checks what can be checked before anything is computed, and leaves out what was not asked for.
 *
 * @param action what cannot be done otherwise
 */
export function checkRefinements(options: Refinements, data: TrainingData, action = "fit"): RefinementSettings {
  const { schedule, clip, accumulate, labelSmoothing, classWeights, mixup, earlyStopping, metrics, onEpoch, onStep } =
    options;
  for (const [name, limit] of Object.entries(clip ?? {})) if (limit !== undefined) checkLimit(name, limit);
  if (accumulate !== undefined && !(Number.isInteger(accumulate) && accumulate >= 1)) {
    throw new RangeError(`Cannot ${action}: expected accumulate to be a whole number ≥ 1, found ${accumulate}`);
  }
  if (mixup !== undefined && !(mixup >= 0 && Number.isFinite(mixup))) {
    throw new RangeError(`Cannot ${action}: expected mixup to be a number ≥ 0, found ${mixup}`);
  }
  if (earlyStopping) checkEarlyStopping(earlyStopping);
  if (metrics) checkMetrics(action, metrics);
  if (metrics && !data.validation) {
    throw new TypeError(`Cannot ${action}: expected validation data for metrics, found none in "${data.name}"`);
  }
  for (const [name, call] of Object.entries({ onEpoch, onStep })) {
    if (call !== undefined && typeof call !== "function") {
      throw new TypeError(`Cannot ${action}: expected ${name} to be a function, found ${JSON.stringify(call)}`);
    }
  }
  const settings = {
    schedule: schedule === undefined ? undefined : scheduleOf(schedule),
    clip,
    accumulate,
    labelSmoothing,
    classWeights: classWeights && weightsOf(classWeights, data, action),
    mixup,
    earlyStopping,
    metrics,
    onEpoch,
    onStep,
  };
  criterionOf(settings); // says which of its options cannot be
  return settings;
}

/** The loss that is made smaller. */
export function criterionOf({ classWeights, labelSmoothing }: RefinementSettings): CrossEntropyLoss {
  return new CrossEntropyLoss({ weight: classWeights, labelSmoothing });
}

function weightsOf(
  weights: readonly number[] | "balanced",
  { classes, train }: TrainingData,
  action: string,
): readonly number[] {
  if (weights === "balanced") return balanced(train.labels, classes.length);
  if (Array.isArray(weights) && weights.length === classes.length) return weights;
  throw new TypeError(
    `Cannot ${action}: expected classWeights to be "balanced" or ${classes.length} numbers, one for each class, found ${
      Array.isArray(weights) ? weights.length : JSON.stringify(weights)
    }`,
  );
}

/** Inverse to how often a class is there, with mean 1 over the samples; scikit-learn's "balanced". */
function balanced(labels: Int32Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  return counts.map((count) => count ? labels.length / (classes * count) : 0);
}
