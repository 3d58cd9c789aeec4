/**
 * The networks that thaw knows, with torchvision's names, structures and numbers.
 *
 * @module
 */
export {
  Conv2dNormActivation,
  type Conv2dNormActivationOptions,
  type ConvLayer,
} from "./blocks/conv2d_norm_activation.ts";
export { Conv2dSame, type Conv2dSameOptions } from "./blocks/conv2d_same.ts";
export { type BlockLayers, MBConv, type MBConvSettings } from "./blocks/mb_conv.ts";
export type { NormLayer } from "./blocks/norm_layer.ts";
export { StochasticDepth } from "./blocks/stochastic_depth.ts";
export { type About, type Builder, builder } from "./builder.ts";
export { imagenetCategories } from "./categories.ts";
export * from "./families.ts";
export { ModelInfo, type Paper } from "./info.ts";
export { ModelList } from "./list.ts";
export type { BuildOptions, WeightsName } from "./options.ts";
export { fromSpec, get, info, list } from "./registry.ts";
export { type ModelSpec, toSpec } from "./spec.ts";
export type { RemoteFile, Weights, WeightsTable } from "./weights_table.ts";
