import * as tf from "@tensorflow/tfjs";
import type { Dataset, Split, Transforms } from "../../data/types.ts";
import { batchStatistics } from "../../inspect/mod.ts";
import { BatchNorm2d, inMode, type Module, onForward } from "../../nn/mod.ts";
import type { TrialOptions } from "../trials/experiment.ts";
import type { Watch } from "../trials/kinds.ts";
import type { Json } from "../trials/trial.ts";
import { type Distribution, distributionOf, gather, type Gathered } from "./distribution.ts";
import { Drift } from "./drift.ts";
import { type LayerMeasurements, note } from "./measurements.ts";
import { type NormPlace, placesOf } from "./norm_places.ts";
import { samplesOf } from "./samples.ts";

/** Whose activations are looked at: names as in `BatchNormOptions.layers`. */
export type WatchedLayers = readonly string[];

/** How many validation pictures are looked at, and at how many layers' activations unless they are named. */
const PICTURES = 64, LAYERS = 8;

/**
 * Looks at a network's batch norm while it is trained: on the same validation pictures before the training and after each
 * epoch, in evaluation mode. Nothing of the network changes by it, nor what is drawn at random.
 *
 * Of every batch norm it measures how far the running statistics are from those of the pictures and from where they began; of
 * some layers the distribution of what batch norm, or what stands in its place, gives.
 */
export async function watchBatchNorm(
  model: Module,
  data: Pick<Split, "validation">,
  { transforms = model.transforms }: TrialOptions,
  watched?: WatchedLayers,
): Promise<Watch> {
  const places = placesOf(model);
  const chosen = watched ? places.filter(({ name }) => watched.includes(name)) : evenly(places, LAYERS);
  const probe = await probeOf(data.validation, transforms);
  const drift = new Drift();
  const layers = new Map(places.map(({ name, below }): [string, LayerMeasurements] => [name, { name, below }]));
  const epoch = async () => {
    const x = tf.tensor(probe.values, probe.shape);
    try {
      for (const [{ name }, seen] of await distributions(model, chosen, x)) {
        note(layers.get(name)!, "activations", seen);
      }
      if (!places.some(({ module }) => module instanceof BatchNorm2d)) return;
      const statistics = await batchStatistics(model, x);
      for (const { path, channels, shift, spread } of statistics.layers) {
        const norm = model.get(path, BatchNorm2d);
        const place = places.find(({ module }) => module === norm);
        if (!place) continue; // the other name of one that is in two places
        note(layers.get(place.name)!, "distance", { mean: shift, variance: spread });
        const running = channels.map(({ running }) => running);
        note(layers.get(place.name)!, "drift", drift.of(norm, running));
      }
    } finally {
      x.dispose();
    }
  };
  return { epoch, measured: () => ({ layers: [...layers.values()] }) as unknown as Json };
}

/** The pictures as plain numbers: tensors would have to be given back wherever a training ends. */
async function probeOf(dataset: Dataset, transforms?: Transforms): Promise<{ values: Float32Array; shape: number[] }> {
  const { images, labels } = await samplesOf(dataset, PICTURES, transforms);
  const values = Float32Array.from(await images.data());
  tf.dispose([images, labels]);
  return { values, shape: images.shape };
}

/** The distribution of each place's output; of one that runs several times, the first time's. */
async function distributions(
  model: Module,
  places: readonly NormPlace[],
  x: tf.Tensor,
): Promise<Map<NormPlace, Distribution>> {
  const gathered = new Map<NormPlace, Gathered>();
  const removers = places.map((place) =>
    onForward(place.module, (_module, _x, output) => {
      if (!gathered.has(place)) gathered.set(place, gather(output));
    })
  );
  try {
    inMode(model, false, () => tf.tidy(() => void model.forward(x)));
    const found = new Map<NormPlace, Distribution>();
    for (const [place, one] of gathered) found.set(place, await distributionOf(one));
    return found;
  } finally {
    removers.forEach((remove) => remove());
    for (const { moments, values } of gathered.values()) tf.dispose([moments, values]);
  }
}

/** So many of a list, evenly spread, its ends among them. */
function evenly<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.round(i * (list.length - 1) / (count - 1))]);
}
