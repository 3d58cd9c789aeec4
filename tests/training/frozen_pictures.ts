/** What the tests of features share: small pictures, a network to freeze, and what runs of it. */
import * as tf from "@tensorflow/tfjs";
import { LabelledDataset } from "../../lib/data/mod.ts";
import type { Dataset, Picture, Transforms } from "../../lib/data/mod.ts";
import { pictureSamples } from "../../lib/data/pictures.ts";
import { manualSeed, RandomGenerator } from "../../lib/engine/random.ts";
import * as nn from "../../lib/nn/mod.ts";
import { type FeatureBank, type FeatureSet, freeze, type Run } from "../../lib/training/mod.ts";
import type { Preparation, Variation } from "../../lib/training/features.ts";
import { trunkOf } from "../../lib/training/trunk.ts";
import { release } from "../tensors.ts";

/** How pictures of 10×8 become 8×8 numbers. */
export const transforms: Transforms = {
  resize: 8,
  crop: 8,
  interpolation: "bilinear",
  mean: [0.5, 0.5, 0.5],
  std: [0.3, 0.3, 0.3],
};

/** Noise whose class is its brightest channel. */
export function pictures(count: number): LabelledDataset {
  const random = new RandomGenerator(2);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  const samples = labels.map((label): Picture => ({
    width: 10,
    height: 8,
    data: Uint8Array.from({ length: 240 }, (_, i) => (random.bits() & 127) + (i % 3 === label ? 60 : 0)),
  }));
  return new LabelledDataset(pictureSamples(samples), { name: "pictures", classes: ["r", "g", "b"], labels });
}

/** A network of ten stages, frozen below one of them. */
export function network(until = "9", seed = 1): nn.Sequential {
  manualSeed(seed);
  const model = new nn.Sequential(
    new nn.Conv2d(3, 4, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.Conv2d(4, 6, 3, { stride: 2 }),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(6, 8),
    new nn.ReLU(),
    new nn.Linear(8, 3),
  );
  freeze(model, { until });
  return model;
}

/** Counts how many pictures each of a network's direct parts has computed. */
export function counting(model: nn.Module): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name, part] of model.namedChildren()) {
    counts[name] = 0;
    nn.onForward(part, (_module, x) => counts[name] += x.shape[0]);
  }
  return counts;
}

/** Counts the passes over a dataset. */
export function passes(dataset: Dataset): { readonly count: number } {
  const found = { count: 0 };
  const batches = dataset.batches.bind(dataset);
  dataset.batches = (options) => {
    found.count++;
    return batches(options);
  };
  return found;
}

/** Has a bank compute the inputs of these stages. */
export async function compute(
  bank: FeatureBank,
  model: nn.Module,
  cuts: readonly string[],
  dataset: Dataset,
  how: Partial<Preparation & Variation> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<FeatureSet[] | undefined> {
  const all = { batchSize: 4, transforms, ...how };
  return await bank.compute(await trunkOf(model, cuts), cuts, dataset, all, () => Promise.resolve(), signal);
}

/** All numbers of a dataset, a row for each sample. */
export async function rows(dataset: Dataset): Promise<number[][]> {
  const found: number[][] = [];
  for await (const { images, labels } of dataset.batches({ batchSize: 5 })) {
    const values = [...await images.data()];
    const width = images.size / images.shape[0];
    for (let i = 0; i < images.shape[0]; i++) found.push(values.slice(i * width, (i + 1) * width));
    tf.dispose([images, labels]);
  }
  return found;
}

/** What the stages below `cut` make of a dataset's pictures, computed plainly. */
export async function plainRows(
  model: nn.Module,
  cut: string,
  dataset: Dataset,
  how: Partial<Variation> & { epoch?: number } = {},
): Promise<number[][]> {
  const stages = model.stages();
  const below = stages.slice(0, stages.findIndex(({ name }) => name === cut));
  const found: number[][] = [];
  for await (const { images, labels } of dataset.batches({ batchSize: 4, transforms, ...how })) {
    const output = tf.tidy(() => nn.inMode(model, false, () => nn.runStages(below, images)));
    const values = [...await output.data()];
    const width = output.size / output.shape[0];
    for (let i = 0; i < output.shape[0]; i++) found.push(values.slice(i * width, (i + 1) * width));
    tf.dispose([images, labels, output]);
  }
  return found;
}

/** Gives back what a network and its run hold. */
export function forget(model: nn.Module, run?: Run): void {
  release(model);
  if (run?.best) release(run.best.stateDict);
}
