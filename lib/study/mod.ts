/**
 * Studies: experiments that return something to look at. Which layers to freeze, and whether it is worth trying.
 *
 * @module
 */
export type { DataSource, PlainDataSource } from "./data_source.ts";
export type { FeatureMatrix } from "./feature_matrix.ts";
export type { LeftOut } from "./halving.ts";
export { leep } from "./leep.ts";
export { logME, type LogMEOptions } from "./log_me.ts";
export type { BuilderSource, ModelSource, PlainModelSource } from "./model_source.ts";
export type { ModuleSource } from "./module_source.ts";
export type { Measured } from "./noise.ts";
export { type LabelledFeatures, linearProbe, type Probe, type ProbeOptions } from "./probe.ts";
export { type RankCorrelation, rankCorrelation } from "./rank_correlation.ts";
export type { Quadrant, Recommendation } from "./recommend.ts";
export { RunningStudy } from "./running_study.ts";
export { type Similarity, taskSimilarity } from "./similarity.ts";
export type { SplitOptions } from "./split_options.ts";
export type { SplitRow } from "./split_rows.ts";
export type { SplitStart } from "./split_setting.ts";
export { type SplitFacts, SplitStudy } from "./split_study.ts";
export { type StageFeatures, stageFeatures, type StageFeaturesOptions } from "./stage_features.ts";
export { strategy } from "./strategy.ts";
export type { StrategyOptions } from "./strategy_options.ts";
export { type StageFigures, Strategy, type StrategyFigures } from "./strategy_result.ts";
export { studySplits } from "./study_splits.ts";
export type { Json } from "./trial.ts";
export { ray, type RayOptions, RayWorkers } from "./workers/ray.ts";
export type { WorkersOption } from "./workers/workers.ts";
