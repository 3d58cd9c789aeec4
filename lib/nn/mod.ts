/**
 * Networks and what they are made of: torch.nn, channels last.
 *
 * @module
 */
export {
  type ActivationOptions,
  GELU,
  type GELUOptions,
  Hardsigmoid,
  Hardswish,
  LeakyReLU,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  SiLU,
  Tanh,
} from "./activations.ts";
export { AlphaDropout } from "./alpha_dropout.ts";
export {
  type AuxiliaryOutput,
  forwardWithAuxiliary,
  type Outputs,
  runWithAuxiliary,
  withAuxiliary,
} from "./auxiliary.ts";
export { BatchNorm2d, type BatchNorm2dOptions } from "./batch_norm2d.ts";
export { classNamed, nameClasses, pythonName } from "./class_names.ts";
export { Conv2d, type Conv2dOptions } from "./conv2d.ts";
export { Dropout, DropoutLayer } from "./dropout.ts";
export { Dropout2d } from "./dropout2d.ts";
export { Flatten } from "./flatten.ts";
export * as functional from "./functional.ts";
export { Identity } from "./identity.ts";
export { IndexBuffer } from "./index_buffer.ts";
export * as init from "./init.ts";
export { expectModule } from "./expect.ts";
export { inMode } from "./mode.ts";
export { LayerNorm, type LayerNormOptions } from "./layer_norm.ts";
export { Linear, type LinearOptions } from "./linear.ts";
export { LoadReport, type ShapeMismatch } from "./load_report.ts";
export { CrossEntropyLoss } from "./loss.ts";
export { Module, type ModuleClass } from "./module.ts";
export { ModuleList } from "./module_list.ts";
export {
  MultiheadAttention,
  type MultiheadAttentionOptions,
  NonDynamicallyQuantizableLinear,
} from "./multihead_attention.ts";
export type { OutputSize, Size2d } from "./pair.ts";
export { Buffer, Counter, EngineEntry, type Layout, Parameter, type Stored } from "./parameter.ts";
export { AdaptiveAvgPool2d, AvgPool2d, type AvgPoolOptions, MaxPool2d, type PoolOptions } from "./pooling.ts";
export { type ForwardHook, onForward } from "./run.ts";
export { Sequential } from "./sequential.ts";
export { type Auxiliary, runStages, type Stage, stage } from "./stage.ts";
export type { LoadStateDictOptions } from "./state.ts";
export { describeValue } from "../weights/describe_value.ts";
export type { CrossEntropyOptions } from "./weighted_cross_entropy.ts";
