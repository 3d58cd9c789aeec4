import { byteMutations } from "./bytes.ts";
import { legacyMutations } from "./legacy.ts";
import type { FormatName, Mutation, Seed } from "./mutation.ts";
import { networkMutations } from "./network.ts";
import { Random } from "./random.ts";
import { safetensorsMutations } from "./safetensors.ts";
import { readSeeds } from "./seeds.ts";
import { zipMutations } from "./zip.ts";

/** What can be done to a file of each format. */
export const mutations: Record<FormatName, readonly Mutation[]> = {
  "torch zip": [...zipMutations, ...byteMutations],
  "torch legacy": [...legacyMutations, ...byteMutations],
  "safetensors": [...safetensorsMutations, ...byteMutations],
  "whole network": networkMutations,
};

/** Every mutation of every format, in the order in which files take their turns. */
export const kinds: readonly { format: FormatName; mutation: Mutation }[] = Object.entries(mutations)
  .flatMap(([format, list]) => list.map((mutation) => ({ format: format as FormatName, mutation })));

/** A bad file, and where it is from. */
export interface BadFile {
  format: FormatName;
  mutation: string;
  seed: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Makes files by number; the same number and seed always make the same file. */
export async function fileMaker(seed: number): Promise<(file: number) => BadFile> {
  const all = await readSeeds();
  const ofFormat = new Map(Object.keys(mutations).map((format) => [format, all.filter((s) => s.format === format)]));
  return (file) => {
    const { format, mutation } = kinds[file % kinds.length];
    const random = new Random(seed, file);
    const seeds: readonly Seed[] = ofFormat.get(format)!;
    const from = random.pick(seeds);
    return { format, mutation: mutation.name, seed: from.name, bytes: mutation.mutate(from, random, seeds) };
  };
}
