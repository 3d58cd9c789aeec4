import * as tf from "@tensorflow/tfjs";
import type { Dataset, Transforms } from "../../data/types.ts";
import { expectModule, functional, inMode, type Module, type Stage } from "../../nn/mod.ts";
import type { FeatureMatrix } from "./feature_matrix.ts";

/** What each of a network's stages is given for a dataset. */
export interface StageFeatures {
  /** By the stage's name: its input for each sample, averaged over height and width, `[N, C]`. */
  stages: Map<string, FeatureMatrix>;
  /** The network's own output `[N, classes]`, where it was asked for. */
  logits?: FeatureMatrix;
  /** The network's input in a few pixels, where that was asked for. */
  thumbnails?: FeatureMatrix;
  /** The samples' labels. */
  labels: Int32Array;
}

/** Options of {@linkcode stageFeatures}. */
export interface StageFeaturesOptions {
  /** The stages whose input is kept; all of them unless given. */
  stages?: readonly string[];
  /** Samples that are computed at a time; 32. */
  batchSize?: number;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
  /** Whether the network's output is kept too; false. */
  logits?: boolean;
  /** Keeps the network's input too, of images the means over a grid of so many cells a side. */
  thumbnails?: number;
  /** Called with the number of samples done; the computation waits for it. */
  onProgress?: (done: number) => void | Promise<void>;
  /** Ends the computation early. */
  signal?: AbortSignal;
}

/**
 * What a head would see at each cut through a network: every stage's input for every sample of a dataset, in one pass in
 * evaluation mode.
 *
 * Feature maps `[N, H, W, C]` are averaged over height and width, which is what stands between a body and its linear head;
 * anything else is flattened. Of the first stage's input, the picture itself, its mean colour is left.
 *
 * @throws {TypeError} where the network's stages cannot run one by one, {RangeError} where it has no such stage,
 *   {DOMException} named `AbortError` where the signal came
 */
export async function stageFeatures(
  model: Module,
  dataset: Dataset,
  options: StageFeaturesOptions = {},
): Promise<StageFeatures> {
  const stages = runnableStages("compute features", model);
  const { batchSize = 32, transforms = model.transforms, logits = false, thumbnails, onProgress, signal } = options;
  const names = options.stages ?? stages.map(({ name }) => name);
  const cuts = names.map((name) => positionOf(stages, name));
  if (logits) cuts.push(stages.length);
  const found: FeatureMatrix[] = [];
  let done = 0;
  for await (const { images, labels } of dataset.batches({ batchSize, transforms, seed: 0 })) {
    let made: tf.Tensor2D[];
    try {
      made = inMode(model, false, () =>
        tf.tidy(() => [
          ...inputsAt(stages, cuts, images),
          ...(thumbnails ? [thumbnail(images, thumbnails)] : []),
        ]));
    } finally {
      tf.dispose([images, labels]);
    }
    // read together: an engine that has to wait for its device waits once
    const values = await Promise.all(made.map((tensor) => tensor.data())).finally(() => tf.dispose(made));
    made.forEach(({ shape: [, columns] }, i) => {
      found[i] ??= { rows: dataset.length, columns, values: new Float32Array(dataset.length * columns) };
      found[i].values.set(values[i], done * columns);
    });
    done += images.shape[0];
    await onProgress?.(done);
    signal?.throwIfAborted();
  }
  return {
    stages: new Map(names.map((name, i) => [name, found[i]])),
    logits: logits ? found[names.length] : undefined,
    thumbnails: thumbnails ? found[cuts.length] : undefined,
    labels: dataset.labels,
  };
}

/**
 * A network's stages, all of which can run by themselves.
 *
 * @throws {TypeError} naming the one that cannot
 */
export function runnableStages(action: string, model: Module): Required<Stage>[] {
  expectModule(action, model);
  const stages = model.stages();
  const mute = stages.find(({ forward }) => !forward);
  if (!mute && stages.length > 0) return stages as Required<Stage>[];
  throw new TypeError(
    `Cannot ${action} of ${model.constructor.name}: expected stages that can run one by one, found ` +
      (mute ? `"${mute.name}" without a forward function` : "none") +
      "; give the network a stages() method made of nn.stage(this, name)",
  );
}

function positionOf(stages: readonly Stage[], name: string): number {
  const position = stages.findIndex((stage) => stage.name === name);
  if (position >= 0) return position;
  const known = stages.map((stage) => stage.name).join(", ");
  throw new RangeError(`Cannot compute features: expected a stage such as ${known}, found ${JSON.stringify(name)}`);
}

/** The pooled input of each of the stages at `cuts`; the input after the last stage is the network's output. */
function inputsAt(stages: readonly Required<Stage>[], cuts: readonly number[], images: tf.Tensor): tf.Tensor2D[] {
  const inputs = [images];
  const last = Math.max(0, ...cuts);
  for (const stage of stages.slice(0, last)) inputs.push(stage.forward(inputs[inputs.length - 1]));
  return cuts.map((cut) => pooled(inputs[cut]));
}

/** Averaged over height and width where there are such, else flattened. */
export function pooled(x: tf.Tensor): tf.Tensor2D {
  const rows = x.rank === 4 ? tf.mean<tf.Tensor2D>(x, [1, 2]) : tf.reshape(x, [x.shape[0], -1]);
  return rows as tf.Tensor2D;
}

/** Images in few pixels, anything else as it is; flattened. */
function thumbnail(x: tf.Tensor, side: number): tf.Tensor2D {
  const small = x.rank === 4 ? functional.adaptiveAvgPool2d(x as tf.Tensor4D, side) : x;
  return tf.reshape(small, [x.shape[0], -1]);
}
