/**
 * Studies: experiments that return something to look at. Which layers to freeze, and whether it is worth trying.
 *
 * @module
 */
export type { AblationRow, AblationRun } from "./ablation/ablation_rows.ts";
export { type AblationFacts, AblationStudy } from "./ablation/ablation_study.ts";
export type { AblationSetting } from "./ablation/ablation_plan.ts";
export type { BatchNormOptions } from "./batch_norm/batch_norm_options.ts";
export type { BatchNormSetting, Norm } from "./batch_norm/batch_norm_setting.ts";
export { type BatchNormRow, BatchNormStudy } from "./batch_norm/batch_norm_study.ts";
export type { BatchNormMeasurements, ByEpoch, LayerMeasurements } from "./batch_norm/measurements.ts";
export type { Distribution } from "./batch_norm/distribution.ts";
export type { StatisticsDistance } from "./batch_norm/drift.ts";
export { studyBatchNorm } from "./batch_norm/study_batch_norm.ts";
export type { DataSource, PlainDataSource } from "./trials/data_source.ts";
export type { DropoutOptions } from "./dropout/dropout_options.ts";
export type { DropoutPlace } from "./dropout/dropout_plan.ts";
export type { DropoutSetting, DropoutType } from "./dropout/dropout_setting.ts";
export { type DropoutRow, DropoutStudy } from "./dropout/dropout_study.ts";
export { studyDropout } from "./dropout/study_dropout.ts";
export type { FeatureMatrix } from "./transfer/feature_matrix.ts";
export type { LeftOut } from "./splits/halving.ts";
export { leep } from "./transfer/leep.ts";
export { logME, type LogMEOptions } from "./transfer/log_me.ts";
export type { BuilderSource, ModelSource, PlainModelSource } from "./trials/model_source.ts";
export type { ModuleSource } from "./trials/module_source.ts";
export type { Measured } from "./trials/noise.ts";
export { type LabelledFeatures, linearProbe, type Probe, type ProbeOptions } from "./transfer/probe.ts";
export { type RankCorrelation, rankCorrelation } from "./transfer/rank_correlation.ts";
export type { Quadrant, Recommendation } from "./strategy/recommend.ts";
export { RunningStudy } from "./trials/running_study.ts";
export { type Similarity, taskSimilarity } from "./strategy/similarity.ts";
export type { SplitOptions } from "./splits/split_options.ts";
export type { SplitRow } from "./splits/split_rows.ts";
export type { SplitStart } from "./splits/split_setting.ts";
export { type SplitFacts, SplitStudy } from "./splits/split_study.ts";
export { type StageFeatures, stageFeatures, type StageFeaturesOptions } from "./transfer/stage_features.ts";
export { strategy } from "./strategy/strategy.ts";
export type { StrategyOptions } from "./strategy/strategy_options.ts";
export { type StageFigures, Strategy, type StrategyFigures } from "./strategy/strategy_result.ts";
export { studySplits } from "./splits/study_splits.ts";
export type { Json } from "./trials/trial.ts";
export { ray, type RayOptions, RayWorkers } from "./workers/ray.ts";
export type { WorkersOption } from "./workers/workers.ts";
