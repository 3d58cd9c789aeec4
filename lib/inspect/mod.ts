/**
 * Looks inside a network and at what it gets wrong.
 *
 * @module
 */
export { BatchStatistics, type ChannelStatistics, type LayerStatistics } from "./batch_statistics_result.ts";
export { type BatchSource, batchStatistics } from "./batch_statistics.ts";
export {
  type ClassesSource,
  ClassReport,
  classReport,
  ConfusionMatrix,
  confusionMatrix,
  type ConfusionOptions,
  type ConfusionSource,
} from "./confusion.ts";
export { type DroppedPass, DroppedUnits } from "./dropped_units_result.ts";
export { droppedUnits, type DroppedUnitsOptions } from "./dropped_units.ts";
export { FeatureMaps, featureMaps, type FeatureMapsOptions } from "./feature_maps.ts";
export { features, type FeaturesOptions } from "./features.ts";
export { Filters, filters } from "./filters.ts";
export { GradCam, gradCam, type GradCamOptions } from "./grad_cam.ts";
export type { Plane } from "./heat.ts";
export { MonteCarlo, type MonteCarloSample } from "./monte_carlo_result.ts";
export { monteCarloDropout, type MonteCarloOptions } from "./monte_carlo.ts";
export { MostWrong, mostWrong, type MostWrongOptions, type WrongSample } from "./most_wrong.ts";
export { type MemoryEstimate, type ModuleSummary, Summary, summary } from "./summary.ts";
export type { Uncertainty } from "./uncertainty.ts";
