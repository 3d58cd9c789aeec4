import { type Augment, augmentations } from "../data/augment/augmentation.ts";
import type { Dataset, Transforms } from "../data/types.ts";
import { checkOptions as checkNames } from "../nn/check_options.ts";
import { describeValue, type Module } from "../nn/mod.ts";
import { FeatureBank } from "./features.ts";
import { Adam, AdamW } from "./adam.ts";
import { Optimizer } from "./optimizer.ts";
import { checkCheckpoint, type CheckpointInterval } from "./checkpoint_options.ts";
import { checkRefinements, type Refinements, type RefinementSettings } from "./refinements.ts";
import { SGD } from "./sgd.ts";
import { checkUnfreeze, type UnfreezeSchedule } from "./unfreeze_schedule.ts";

/** Options of `fit`. */
export interface FitOptions extends Refinements {
  /** What the run is called in `runs()` and `compare`; its number unless given. */
  name?: string;
  /** Passes over the training data; 5. */
  epochs?: number;
  /** Samples per step; 32. */
  batchSize?: number;
  /** `"adam"` (the default), `"adamw"`, `"sgd"` (with momentum 0.9), or an optimizer made for parameters of this network. */
  optimizer?: "adam" | "adamw" | "sgd" | Optimizer;
  /** The step size; 0.001 for Adam and AdamW, 0.01 for SGD. */
  learningRate?: number;
  /** L2 penalty, or AdamW's decay; the optimizer's default. */
  weightDecay?: number;
  /** Decides the order of the samples and their random changes; drawn from `manualSeed`'s generator unless given. */
  seed?: number;
  /** Whether training pictures are mirrored left to right with probability ½; false. */
  flip?: boolean;
  /** How training pictures, and those alone, are changed at random: `trivialAugment()`, `[randomResizedCrop(), horizontalFlip()]`. */
  augment?: Augment;
  /**
   * How many variants of each training picture there are: epochs take them in turn, so that the frozen part can be computed
   * once for each. Another variant in every epoch unless given, and nothing computed once where pictures change.
   */
  variants?: number;
  /**
   * Which stages train from which epoch on, instead of what is frozen now: `unfreezeSchedule(model, { every: 1 })` begins
   * with the head and lets one more stage train in each epoch.
   */
  unfreeze?: UnfreezeSchedule;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
  /** Whether the frozen part may be computed once instead of in every epoch; true. */
  cache?: boolean;
  /** Where the frozen part's output is kept, to serve other trainings too; this run's own memory or disk unless given. */
  features?: FeatureBank;
  /** Whether the network ends with the weights of its best epoch instead of its last; true. */
  restoreBest?: boolean;
  /**
   * A folder for checkpoints: network, optimizer, random state, position, history and best weights, written at every epoch's
   * end and when the run is stopped. A process killed at any moment leaves a whole one.
   */
  checkpoint?: string;
  /**
   * What to do with a checkpoint that is in the folder: `true` goes on from it (and begins where there is none), with the
   * losses of a run that was never broken; `false` starts anew and replaces it; unless given, it is an error.
   */
  resume?: boolean;
  /** Writes checkpoints within an epoch too, after so many steps or seconds; or only at every so many epochs' end. */
  checkpointEvery?: CheckpointInterval;
  /** Whether there is a display; true. */
  display?: boolean;
  /** Ends the training early, as `stop()` does. */
  signal?: AbortSignal;
}

/** {@linkcode FitOptions} with the gaps filled. */
export interface FitSettings extends RefinementSettings {
  epochs: number;
  batchSize: number;
  seed?: number;
  flip: boolean;
  augment?: Augment;
  variants?: number;
  unfreeze?: UnfreezeSchedule;
  transforms?: Transforms;
  cache: boolean;
  features?: FeatureBank;
  restoreBest: boolean;
  display: boolean;
}

/** The data that `fit` works on. */
export interface TrainingData {
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: Dataset;
  readonly validation?: Dataset;
}

const names: (keyof FitOptions)[] = [
  "epochs",
  "batchSize",
  "optimizer",
  "learningRate",
  "weightDecay",
  "schedule",
  "name",
  "seed",
  "flip",
  "augment",
  "variants",
  "unfreeze",
  "transforms",
  "cache",
  "features",
  "restoreBest",
  "checkpoint",
  "resume",
  "checkpointEvery",
  "display",
  "signal",
  "clip",
  "accumulate",
  "labelSmoothing",
  "classWeights",
  "mixup",
  "earlyStopping",
  "metrics",
  "onEpoch",
  "onStep",
];

/**
 * Fills the gaps and checks what can be checked before anything is computed.
 *
 * @param action what cannot be done otherwise
 */
export function checkOptions(model: Module, data: TrainingData, options: FitOptions, action = "fit"): FitSettings {
  checkNames(action, options, names);
  const { epochs = 5, batchSize = 32, variants = 1, transforms = model.transforms, seed } = options;
  for (const [name, value] of Object.entries({ epochs, batchSize, variants })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot ${action}: expected ${name} to be a whole number ≥ 1, found ${value}`);
    }
  }
  if (options.name !== undefined && (typeof options.name !== "string" || options.name.trim() === "")) {
    throw new TypeError(`Cannot ${action}: expected name to be a text, found ${JSON.stringify(options.name)}`);
  }
  checkCheckpoint(options);
  if (options.features !== undefined && !(options.features instanceof FeatureBank)) {
    throw new TypeError(
      `Cannot ${action}: expected features to be a FeatureBank, found ${describeValue(options.features)}`,
    );
  }
  if (options.unfreeze !== undefined) checkUnfreeze(model, options.unfreeze);
  if (data.train.length === 0) {
    throw new RangeError(`Cannot ${action}: expected training samples in "${data.name}", found none`);
  }
  return {
    epochs,
    batchSize,
    transforms,
    seed,
    flip: options.flip ?? false,
    augment: augmentations(options.augment, action).length ? options.augment : undefined,
    variants: options.variants,
    unfreeze: options.unfreeze,
    cache: options.cache ?? true,
    features: options.features,
    restoreBest: options.restoreBest ?? true,
    display: options.display ?? true,
    ...checkRefinements(options, data, action),
  };
}

/**
 * The optimizer that the options ask for, over the parameters that are not frozen.
 *
 * @param action what cannot be done with the network otherwise
 */
export function makeOptimizer(model: Module, options: FitOptions, action = "fit"): Optimizer {
  const { optimizer = "adam", learningRate, weightDecay } = options;
  if (optimizer instanceof Optimizer) {
    checkOptimizer(model, optimizer, action, options.unfreeze !== undefined);
    if (learningRate !== undefined || weightDecay !== undefined) {
      throw new TypeError(
        `Cannot ${action} ${model.constructor.name}: expected the rates with the optimizer that was given, found them ` +
          "among the other options",
      );
    }
    return optimizer;
  }
  const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad);
  if (trained.length === 0) {
    throw new TypeError(
      `Cannot ${action} ${model.constructor.name}: expected something to train, found every parameter frozen; ` +
        "unfreeze(model) or freeze(model, { until }) leaves a part to train",
    );
  }
  switch (optimizer) {
    case "adam":
      return new Adam(trained, { learningRate, weightDecay });
    case "adamw":
      return new AdamW(trained, { learningRate, ...(weightDecay === undefined ? {} : { weightDecay }) });
    case "sgd":
      return new SGD(trained, { learningRate: learningRate ?? 0.01, momentum: 0.9, weightDecay });
    default:
      throw new RangeError(
        `Cannot ${action} ${model.constructor.name}: expected the optimizer "adam", "adamw", "sgd" or an Optimizer, ` +
          `found ${JSON.stringify(optimizer)}`,
      );
  }
}

/** Checks that an optimizer was made for this network as it is now: a head that was replaced later would not train. */
function checkOptimizer(model: Module, optimizer: Optimizer, action: string, thaws: boolean): void {
  const given = new Set(optimizer.parameters());
  const missing = model.namedParameters().filter(([, parameter]) => parameter.requiresGrad && !given.has(parameter));
  const own = new Set(model.parameters());
  const foreign = [...given].filter((parameter) => !own.has(parameter)).length;
  if (missing.length === 0 && foreign === 0) return;
  const found = [
    ...(missing.length ? [`none for ${missing.map(([path]) => `"${path}"`).join(", ")}`] : []),
    ...(foreign ? [`${foreign} that are not the network's`] : []),
  ];
  const advice = thaws
    ? "make it after the head has been replaced and unfreeze(model), for all that will train"
    : "make it after the head has been replaced and the rest frozen, or freeze what it is to leave out";
  throw new TypeError(
    `Cannot ${action} ${model.constructor.name}: expected an optimizer for the parameters that train, found ${
      found.join(" and ")
    }; ${advice}`,
  );
}
