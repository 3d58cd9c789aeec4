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
export { LayerNorm2d } from "./blocks/layer_norm_2d.ts";
export { makeDivisible } from "./blocks/make_divisible.ts";
export { type BlockLayers, MBConv, type MBConvSettings } from "./blocks/mb_conv.ts";
export type { NormLayer } from "./blocks/norm_layer.ts";
export { MLP, type MLPOptions } from "./blocks/mlp.ts";
export { Permute } from "./blocks/permute.ts";
export { SqueezeExcitation, type SqueezeExcitationOptions } from "./blocks/squeeze_excitation.ts";
export { StochasticDepth } from "./blocks/stochastic_depth.ts";
export { type About, type Builder, builder } from "./builder.ts";
export { imagenetCategories } from "./categories.ts";
export * from "./families.ts";
export { ModelInfo, type Paper } from "./info.ts";
export { type EmbeddingSize, interpolateEmbeddings } from "./interpolate_embeddings.ts";
export { ModelList } from "./list.ts";
export { loadReport } from "./load_report.ts";
export type { BuildOptions, WeightsName } from "./options.ts";
export { fromSpec, get, info, list, type ListOptions } from "./registry.ts";
export { replaceHead, type ReplaceHeadOptions } from "./replace_head.ts";
export { type ModelSpec, toSpec } from "./spec.ts";
export type { OwnWeights, RemoteFile, Weights, WeightsTable } from "./weights_table.ts";
