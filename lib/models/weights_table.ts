import type { Transforms } from "../data/types.ts";
import { load } from "../weights/load.ts";
import type { StateDict } from "../weights/state_dict.ts";
import { fileFromWheel, type WheelFile } from "../weights/wheel.ts";

/** A file on the web, whose name ends with the first digits of its SHA-256, or, for weights of one's own, any file. */
export interface RemoteFile {
  /** Its address; in weights of one's own also a path. */
  url: string;
  /** The size in MiB, as torchvision gives it: rounded to thousandths. */
  mebibytes?: number;
}

/** What a builder needs to load trained parameters: what people give it for weights of their own. */
export interface OwnWeights {
  /** A file on the web, or one in a Python package. */
  file: RemoteFile | WheelFile;
  /** Turns the file's names into the network's, where they differ. */
  rename?: (name: string) => string;
  /** What the builder's options are with these weights, unless they are given. */
  options?: Readonly<Record<string, unknown>>;
  /** What the network's outputs stand for, in order; null where they stand for nothing. */
  categories?: readonly string[] | null;
  /** How a picture becomes the input that the network was trained for. */
  transforms?: Transforms;
}

/** Trained parameters that a table has: where they are, and what must be known to use them. */
export interface Weights extends OwnWeights {
  /**
   * What the network's outputs stand for, in order. Null where they stand for nothing: vgg16's `IMAGENET1K_FEATURES` are
   * weights of `features` alone.
   */
  categories: readonly string[] | null;
  transforms: Transforms;
  /** Share of ImageNet's 50,000 validation pictures whose class is the first, or among the first five; in percent. */
  accuracy: { top1: number; top5?: number } | null;
  /** The number of parameters. */
  parameters: number;
  /** Billions of multiplications and additions for one picture. */
  gigaMultiplyAdds: number;
  /** Height and width in pixels of the smallest picture that the network can take. */
  minSize?: readonly [number, number];
  /** Where to read how they were trained. */
  recipe: string;
  /** Where to read on what terms they may be used, where those are not torchvision's. */
  license?: string;
}

/** All the weights of one network by name, and which are meant by `"DEFAULT"`. */
export interface WeightsTable {
  default: string;
  entries: Readonly<Record<string, Weights>>;
}

/** ImageNet's mean and standard deviation of red, green and blue, on the scale from 0 to 1. */
export const imagenetColors = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Fetches weights, unless they are in the cache, and names their entries as the network does. */
export async function loadWeights({ file, rename }: OwnWeights): Promise<StateDict> {
  const state = await load("url" in file ? file.url : await fileFromWheel(file));
  return rename ? state.rename(rename) : state;
}
