/**
 * Looks inside a network and at what it gets wrong.
 *
 * @module
 */
export { type MemoryEstimate, type ModuleSummary, Summary, summary } from "./summary.ts";
