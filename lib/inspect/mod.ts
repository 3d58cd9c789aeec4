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
export { type MemoryEstimate, type ModuleSummary, Summary, summary } from "./summary.ts";
