/**
 * Images with labels: where they come from, how they become a network's input, in batches.
 *
 * @module
 */
export { decodeImage, encodePng } from "./image.ts";
export { preprocess } from "./transforms.ts";
export type { Batch, BatchOptions, Dataset, ImageSource, Picture, Split, SplitOptions, Transforms } from "./types.ts";
