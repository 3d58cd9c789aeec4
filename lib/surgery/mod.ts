/**
 * Surgery: networks with parts put in, taken out and exchanged, in place.
 *
 * @module
 */
export { adaptInput, type AdaptInputOptions } from "./adapt_input.ts";
export { type Change, Changes, type Untouched } from "./changes.ts";
export type { ShapeCheck } from "./check_shapes.ts";
export type { EditOptions } from "./edit.ts";
export { insertAfter, type InsertOptions, remove, replace } from "./edit_structure.ts";
export { foldBatchNorm, type FoldBatchNormOptions } from "./fold_batch_norm.ts";
export { insertBatchNorm, type InsertBatchNormOptions } from "./insert_batch_norm.ts";
export type { KeyChanges } from "./key_changes.ts";
export type { Alignment } from "./overlap.ts";
export { overlay, type OverlayOptions } from "./overlay.ts";
export { Overlay, type OverlayRow } from "./overlay_result.ts";
export { removeBatchNorm, type RemoveBatchNormOptions } from "./remove_batch_norm.ts";
export type { SampleInput } from "./sample_input.ts";
export { setDropout, type SetDropoutOptions } from "./set_dropout.ts";
export {
  compareStructure,
  Structure,
  structure,
  type StructureChange,
  StructureComparison,
  type StructurePart,
  type StructureRow,
} from "./structure.ts";
