/**
 * Surgery: networks with parts put in, taken out and exchanged, in place.
 *
 * @module
 */
export { type Change, Changes, type Untouched } from "./changes.ts";
export { foldBatchNorm, type FoldBatchNormOptions } from "./fold_batch_norm.ts";
export { insertBatchNorm, type InsertBatchNormOptions } from "./insert_batch_norm.ts";
export type { KeyChanges } from "./key_changes.ts";
export { removeBatchNorm, type RemoveBatchNormOptions } from "./remove_batch_norm.ts";
export type { SampleInput } from "./sample_input.ts";
export { setDropout, type SetDropoutOptions } from "./set_dropout.ts";
