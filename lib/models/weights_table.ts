import type { Transforms } from "../data/types.ts";
import { download } from "../weights/download.ts";
import { load } from "../weights/load.ts";
import type { StateDict } from "../weights/state_dict.ts";
import { fileFromWheel, type WheelFile } from "../weights/wheel.ts";

/** A file on the web; its name ends with the first digits of its SHA-256. */
export interface RemoteFile {
  url: string;
  /** The size in MiB, as torchvision gives it: rounded to thousandths. */
  mebibytes: number;
}

/** Trained parameters of a network: where they are, and what must be known to use them. */
export interface Weights {
  /** A file on the web, or one in a Python package. */
  file: RemoteFile | WheelFile;
  /** Turns the file's names into the network's, where they differ. */
  rename?: (name: string) => string;
  /** What the network's outputs stand for, in order. */
  categories: readonly string[];
  /** How a picture becomes the input that the network was trained for. */
  transforms: Transforms;
  /** Share of ImageNet's 50,000 validation pictures whose class is the first, or among the first five; in percent. */
  accuracy: { top1: number; top5?: number };
  /** The number of parameters. */
  parameters: number;
  /** Billions of multiplications and additions for one picture. */
  gigaMultiplyAdds: number;
  /** Where to read how they were trained. */
  recipe: string;
}

/** All the weights of one network by name, and which are meant by `"DEFAULT"`. */
export interface WeightsTable {
  default: string;
  entries: Readonly<Record<string, Weights>>;
}

/** ImageNet's mean and standard deviation of red, green and blue, on the scale from 0 to 1. */
export const imagenetColors = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Fetches weights, unless they are in the cache, and names their entries as the network does. */
export async function loadWeights({ file, rename }: Weights): Promise<StateDict> {
  const path = "url" in file ? await download(file.url) : await fileFromWheel(file);
  const state = await load(path);
  return rename ? state.rename(rename) : state;
}
