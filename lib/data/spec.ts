import type { LabelledDataset } from "./dataset.ts";
import { emoji, type EmojiOptions } from "./emoji.ts";
import { imageFolder, type ImageFolderOptions } from "./image_folder.ts";
import { originOf } from "./origin.ts";
import { LabelledSplit } from "./split.ts";
import type { Dataset, Split, SplitOptions } from "./types.ts";

/** A dataset as plain data, from which it can be made again in another process: {@linkcode fromSpec}. */
export type DataSpec =
  & ({ data: "emoji"; options?: EmojiOptions } | {
    data: "imageFolder";
    folder: string;
    options?: ImageFolderOptions;
  })
  & {
    /** What it is called; as the whole is unless given. */
    name?: string;
    /** Which of the samples, in this order; all unless given. */
    positions?: readonly number[];
  };

/** A dataset divided for training, as plain data: how to divide it, or the parts. */
export type SplitSpec =
  | DataSpec & { split: SplitOptions }
  | { name?: string; train: DataSpec; validation: DataSpec };

/**
 * How a dataset, or a split, was made, as plain data. `subset` and `split` are part of it; what was renamed since, too.
 *
 * @returns undefined for what is made of tensors or of samples of one's own
 *
 * @example
 * ```ts
 * import { data } from "thaw";
 *
 * const emoji = await data.emoji();
 * console.log(data.toSpec(emoji.subset([5, 7]))); // { data: "emoji", name: "emoji", positions: [ 5, 7 ] }
 * ```
 */
export function toSpec(data: Dataset): DataSpec | undefined;
/** The same for a dataset that is divided. */
export function toSpec(data: Split): SplitSpec | undefined;
export function toSpec(data: Dataset | Split): DataSpec | SplitSpec | undefined {
  if (!("train" in data)) {
    const origin = originOf(data);
    return origin && structuredClone({ ...origin, name: data.name });
  }
  const [train, validation] = [toSpec(data.train), toSpec(data.validation)];
  return train && validation && { name: data.name, train, validation };
}

/**
 * Makes the dataset, or the split, that a spec describes.
 *
 * @throws {TypeError} where it is no spec
 *
 * @example
 * ```ts
 * import { data } from "thaw";
 *
 * const split = await data.fromSpec({ data: "emoji", options: { size: 90 }, split: { validation: 0.2, seed: 1 } });
 * console.log(split.train.length, split.validation.length); // 72 18
 * ```
 */
export function fromSpec(spec: SplitSpec): Promise<Split>;
export function fromSpec(spec: DataSpec): Promise<LabelledDataset>;
export async function fromSpec(spec: DataSpec | SplitSpec): Promise<LabelledDataset | Split> {
  const bases = new Map<string, Promise<LabelledDataset>>(); // parts of one dataset share its decoded pictures
  const make = async (one: DataSpec) => {
    expectSpec(one);
    const { positions, name, ...base } = one;
    const key = JSON.stringify(base);
    if (!bases.has(key)) bases.set(key, makeWhole(base));
    const whole = await bases.get(key)!;
    const made = positions ? whole.subset(positions) : whole.subset([...whole.labels.keys()]);
    made.name = name ?? whole.name;
    return made;
  };
  expectSpec(spec);
  if ("train" in spec) {
    const [train, validation] = [await make(spec.train), await make(spec.validation)];
    return new LabelledSplit(spec.name ?? train.name, train, validation);
  }
  if (!("split" in spec)) return await make(spec);
  const { split, ...whole } = spec;
  return (await make(whole)).split(split);
}

async function makeWhole(spec: DataSpec): Promise<LabelledDataset> {
  if (spec.data === "emoji") return await emoji(spec.options);
  if (spec.data === "imageFolder") return await imageFolder(spec.folder, spec.options);
  return refuse(spec);
}

function expectSpec(spec: unknown): void {
  if (typeof spec !== "object" || spec === null) refuse(spec);
}

function refuse(spec: unknown): never {
  throw new TypeError(
    'Cannot make a dataset: expected a spec such as { data: "emoji" } or { data: "imageFolder", folder: "photos" }, ' +
      `found ${JSON.stringify(spec)}`,
  );
}
