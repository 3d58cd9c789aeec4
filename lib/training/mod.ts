/**
 * Freezing and training.
 *
 * @module
 */
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export type { CheckpointInterval } from "./checkpoint_options.ts";
export { compare, Comparison } from "./compare.ts";
export { clipByNorm, clipByValue, type ClipOptions } from "./clip.ts";
export { learningCurves } from "./curves.ts";
export type { EarlyStopping } from "./early_stopping.ts";
export { evaluate, type EvaluateOptions, type Evaluation } from "./evaluate.ts";
export { findLearningRate, type FindLearningRateOptions } from "./find_learning_rate.ts";
export { FeatureBank, type FeatureBankOptions, type FeatureSet } from "./features.ts";
export { fit } from "./fit.ts";
export type { FitOptions } from "./fit_options.ts";
export { freeze, type FreezeOptions, type FreezeSelection, unfreeze } from "./freeze.ts";
export { FreezePlan, type StagePlan } from "./freeze_plan.ts";
export { computeGradients, type Gradients } from "./gradients.ts";
export { type Epoch, History } from "./history.ts";
export { type LayerwiseOptions, layerwiseRates } from "./layerwise_rates.ts";
export { accuracy, type ClassScore, classScores, macroF1, type Metric, type Metrics, topK } from "./metrics.ts";
export type { Plain } from "./plain_value.ts";
export { Optimizer, type ParameterGroup, parameterGroups } from "./optimizer.ts";
export type { OptimizerState } from "./optimizer_state.ts";
export type { Predicted } from "./predicted.ts";
export { plateau, type PlateauOptions } from "./plateau.ts";
export type { RangeTestData } from "./range_curve.ts";
export { RangeTest } from "./range_test.ts";
export type { Refinements, Step } from "./refinements.ts";
export { type Best, Run, RunningFit, type RunState } from "./run.ts";
export { loadRuns, saveRuns } from "./run_files.ts";
export { type RunData, RunRecord } from "./run_record.ts";
export { RunList, type RunReference, runs } from "./runs.ts";
export type { Moment, Schedule, WarmupOptions } from "./schedule.ts";
export {
  constant,
  cosine,
  type CosineOptions,
  oneCycle,
  type OneCycleOptions,
  type ScheduleName,
  stepDecay,
  type StepDecayOptions,
} from "./schedules.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export type { Thaw } from "./thaw.ts";
export { type UnfreezeOptions, type UnfreezeSchedule, unfreezeSchedule } from "./unfreeze_schedule.ts";
