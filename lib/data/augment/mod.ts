/**
 * Random changes of pictures for training: plain functions, seeded, on bytes.
 *
 * @module
 */
export type { Filling } from "./affine.ts";
export type { Augment, Augmentation, Goal } from "./augmentation.ts";
export { augmented, type AugmentedOptions } from "./augmented.ts";
export { colorJitter, type ColorJitterOptions } from "./color_jitter.ts";
export { horizontalFlip } from "./flip.ts";
export { randomErasing, type RandomErasingOptions } from "./random_erasing.ts";
export { randomResizedCrop, type RandomResizedCropOptions } from "./resized_crop.ts";
export { randomRotation, type RandomRotationOptions } from "./rotation.ts";
export { trivialAugment } from "./trivial_augment.ts";
