/**
 * Images with labels: where they come from, how they become a network's input, in batches.
 *
 * @module
 */
export * from "./augment/mod.ts";
export { LabelledDataset } from "./dataset.ts";
export type { DatasetParts, Skipped } from "./dataset.ts";
export { emoji } from "./emoji.ts";
export type { EmojiOptions } from "./emoji.ts";
export { imageFolder } from "./image_folder.ts";
export type { ImageFolderOptions } from "./image_folder.ts";
export { decodeImage, encodePng } from "./image.ts";
export type { Pass, Samples } from "./samples.ts";
export { type DataSpec, fromSpec, type SplitSpec, toSpec } from "./spec.ts";
export { LabelledSplit } from "./split.ts";
export { fromTensors } from "./tensors.ts";
export type { FromTensorsOptions } from "./tensors.ts";
export { preprocess } from "./transforms.ts";
export type {
  Batch,
  BatchOptions,
  Dataset,
  ImageSource,
  Picture,
  ShowOptions,
  Split,
  SplitOptions,
  Transforms,
} from "./types.ts";
