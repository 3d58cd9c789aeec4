/**
 * Looks inside a network and at what it gets wrong.
 *
 * @module
 */
export {
  type ClassesSource,
  ClassReport,
  classReport,
  ConfusionMatrix,
  confusionMatrix,
  type ConfusionOptions,
  type ConfusionSource,
} from "./confusion.ts";
export { FeatureMaps, featureMaps, type FeatureMapsOptions } from "./feature_maps.ts";
export { Filters, filters } from "./filters.ts";
export { GradCam, gradCam, type GradCamOptions } from "./grad_cam.ts";
export type { Plane } from "./heat.ts";
export { MostWrong, mostWrong, type MostWrongOptions, type WrongSample } from "./most_wrong.ts";
export { type MemoryEstimate, type ModuleSummary, Summary, summary } from "./summary.ts";
