/**
 * thaw: the transfer-learning workbench for Deno's Jupyter kernel.
 *
 * @module
 */
export { cacheDir } from "./lib/engine/cache.ts";
export {
  type Card,
  type CudaVersions,
  engine,
  EngineReport,
  explainUnsupported,
  manualSeed,
  type MemoryInUse,
  memoryInUse,
  type Precision,
  precision,
  releaseForgotten,
  type RungName,
  type RungReport,
  useEngine,
  usePrecision,
} from "./lib/engine/mod.ts";

export * as data from "./lib/data/mod.ts";
export {
  type Augment,
  type Augmentation,
  colorJitter,
  horizontalFlip,
  randomErasing,
  randomResizedCrop,
  randomRotation,
  trivialAugment,
} from "./lib/data/augment/mod.ts";

export { load, type LoadOptions } from "./lib/files/load.ts";
export { registerClass } from "./lib/files/register_class.ts";
export { save } from "./lib/files/save.ts";

export * from "./lib/inspect/mod.ts";

export * as models from "./lib/models/mod.ts";
export { replaceHead, type ReplaceHeadOptions } from "./lib/models/replace_head.ts";

export * as nn from "./lib/nn/mod.ts";
export { onForward } from "./lib/nn/run.ts";

export * from "./lib/study/mod.ts";

export * from "./lib/surgery/mod.ts";

export * from "./lib/training/mod.ts";

export { toFloat32 } from "./lib/weights/convert.ts";
export { download, type DownloadOptions } from "./lib/weights/download.ts";
export type { DType, TypedArray } from "./lib/weights/dtype.ts";
export type { Progress } from "./lib/weights/progress.ts";
export type { Renaming } from "./lib/weights/renaming.ts";
export { type Entry, type PlainTensor, StateDict } from "./lib/weights/state_dict.ts";
export { type Difference, StateDictDiff } from "./lib/weights/state_dict_diff.ts";
export { fileFromWheel, type WheelFile } from "./lib/weights/wheel.ts";
export {
  breathe,
  Displayable,
  formatNumber,
  interrupted,
  isSpec,
  jupyterDisplay,
  live,
  LiveDisplay,
  mimeBundle,
  onInterrupt,
  show,
  toHtml,
  toPlotly,
  toText,
} from "./lib/display/mod.ts";
export type * from "./lib/display/spec.ts";
export type { PlotlyFigure, Screen, ShowOptions, TextOptions } from "./lib/display/mod.ts";
