import * as tf from "@tensorflow/tfjs";
import type { Batch, Dataset, Transforms } from "../data/types.ts";
import { checkOptions } from "../nn/check_options.ts";
import { BatchNorm2d, describeValue, expectModule, inMode, type Module, onForward } from "../nn/mod.ts";
import { isSplit, splitFound } from "./samples_of.ts";
import { BatchStatistics, type ChannelStatistics, type LayerStatistics } from "./batch_statistics_result.ts";

/** What {@linkcode batchStatistics} takes: a batch, a tensor `[N, H, W, C]`, or a dataset, whose first 64 samples it takes. */
export type BatchSource = Pick<Batch, "images"> | tf.Tensor | Dataset;

/**
 * A batch's mean and variance at each batch norm, beside the running ones by which the layer normalizes in evaluation
 * (Ioffe & Szegedy 2015): where they are far apart, the network sees other data than it has learnt from, or its statistics
 * have drifted. Layers are found by type. The network runs once, in evaluation mode; its statistics do not move.
 *
 * The variance is the unbiased one, as that which goes into torch's `running_var`.
 *
 * @throws {TypeError} where the network has no batch norm that runs, or this is no batch
 * @throws {RangeError} where a layer sees a single value per channel, which has no variance
 *
 * @example
 * ```ts
 * import { batchStatistics, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const net = new nn.Sequential(new nn.BatchNorm2d(3), new nn.ReLU());
 * const { layers } = await batchStatistics(net, tf.randomNormal([8, 4, 4, 3], 2)); // it expects a mean of 0
 * console.log(layers[0].path, layers[0].shift.toFixed(0)); // 0 2
 * ```
 */
export async function batchStatistics(
  model: Module,
  batch: BatchSource,
  options: { transforms?: Transforms } = {},
): Promise<BatchStatistics> {
  const action = "show batch statistics";
  expectModule(action, model);
  checkOptions(action, options, ["transforms"]);
  const norms = model.namedModules().filter((pair): pair is [string, BatchNorm2d] => pair[1] instanceof BatchNorm2d);
  if (norms.length === 0) {
    throw new TypeError(
      `Cannot ${action} of ${model.constructor.name}: expected a BatchNorm2d, found none; ` +
        "insertBatchNorm(model) puts one after each convolution",
    );
  }
  const { images, own } = await imagesOf(action, batch, options.transforms ?? model.transforms);
  try {
    const seen = observe(model, new Set(norms.map(([, norm]) => norm)), images);
    try {
      const ran = norms.filter(([, norm]) => seen.has(norm)); // in the order of the network's parts
      if (ran.length === 0) throw new TypeError(`Cannot ${action}: expected a BatchNorm2d that runs, found none`);
      const layers: LayerStatistics[] = [];
      for (const [path, norm] of ran) layers.push(await compare(path, norm, seen.get(norm)!));
      return new BatchStatistics(layers, images.shape);
    } finally {
      for (const { mean, variance } of seen.values()) tf.dispose([mean, variance]);
    }
  } finally {
    if (own) tf.dispose(own);
  }
}

/** The images of a batch, and what of it is to be disposed of. */
async function imagesOf(
  action: string,
  batch: BatchSource,
  transforms: Transforms | undefined,
): Promise<{ images: tf.Tensor; own?: tf.Tensor[] }> {
  if (batch instanceof tf.Tensor) return { images: batch };
  if (typeof (batch as Dataset | undefined)?.batches === "function") {
    // a seed of its own, or one would be drawn
    for await (const { images, labels } of (batch as Dataset).batches({ batchSize: 64, transforms, seed: 0 })) {
      return { images, own: [images, labels] };
    }
  }
  const { images } = (batch ?? {}) as Partial<Batch>;
  if (images instanceof tf.Tensor) return { images };
  throw new TypeError(
    `Cannot ${action}: expected a batch ({ images }), a tensor [N, H, W, C] or a dataset, found ${
      isSplit(batch) ? splitFound : describeValue(batch)
    }`,
  );
}

/** Mean and unbiased variance per channel of what enters each batch norm, the first time that it runs. */
function observe(
  model: Module,
  norms: ReadonlySet<BatchNorm2d>,
  images: tf.Tensor,
): Map<BatchNorm2d, { mean: tf.Tensor; variance: tf.Tensor }> {
  const seen = new Map<BatchNorm2d, { mean: tf.Tensor; variance: tf.Tensor }>();
  const removers = [...norms].map((norm) =>
    onForward(norm, (_norm, x) => {
      if (seen.has(norm)) return;
      const count = x.size / norm.numFeatures;
      if (count === 1) {
        throw new RangeError(
          `expected more than one value per channel to compare, found input [${x.shape.join(", ")}]; ` +
            "use a larger batch",
        );
      }
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      seen.set(norm, { mean: tf.keep(mean), variance: tf.keep(tf.mul(variance, count / (count - 1))) });
    })
  );
  try {
    inMode(model, false, () => tf.tidy(() => void model.forward(images)));
    return seen;
  } catch (error) {
    for (const { mean, variance } of seen.values()) tf.dispose([mean, variance]);
    throw error;
  } finally {
    removers.forEach((remove) => remove());
  }
}

async function compare(
  path: string,
  norm: BatchNorm2d,
  batch: { mean: tf.Tensor; variance: tf.Tensor },
): Promise<LayerStatistics> {
  const read = (tensor: tf.Tensor) => tensor.data() as Promise<Float32Array>;
  const [batchMean, batchVariance, mean, variance] = await Promise.all(
    [batch.mean, batch.variance, norm.running_mean.value, norm.running_var.value].map(read),
  );
  const channels = Array.from(mean, (_, channel): ChannelStatistics => ({
    running: { mean: mean[channel], variance: variance[channel] },
    batch: { mean: batchMean[channel], variance: batchVariance[channel] },
    shift: (batchMean[channel] - mean[channel]) / Math.sqrt(variance[channel] + norm.eps),
    // with eps, as the layer has it: a channel that is always the same has a variance of 0
    spread: Math.log((batchVariance[channel] + norm.eps) / (variance[channel] + norm.eps)),
  }));
  const meanOf = (key: "shift" | "spread") =>
    channels.reduce((sum, channel) => sum + Math.abs(channel[key]), 0) / channels.length;
  const worst = channels.reduce((top, { shift }, i) => Math.abs(shift) > Math.abs(channels[top].shift) ? i : top, 0);
  return { path, channels, shift: meanOf("shift"), spread: meanOf("spread"), worst };
}
