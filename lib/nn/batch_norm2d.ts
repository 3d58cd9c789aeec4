import type * as tf from "@tensorflow/tfjs";
import { batchNorm, batchNormTraining } from "../engine/ops/batch_norm.ts";
import { checkImages } from "./check_input.ts";
import { checkOptions } from "./check_options.ts";
import { constant } from "./init.ts";
import { Module } from "./module.ts";
import { checkWhole } from "./pair.ts";
import { Buffer, Counter, Parameter } from "./parameter.ts";
import { pythonFloat } from "./print.ts";

/** Options of {@linkcode BatchNorm2d}, with torch's defaults. */
export interface BatchNorm2dOptions {
  /** Added to the variance; 1e-5. */
  eps?: number;
  /** The share of a new batch in the running statistics; 0.1. `null` averages over all batches. */
  momentum?: number | null;
}

/**
 * Batch normalization per channel of `[N, H, W, C]` (Ioffe & Szegedy 2015): torch.nn.BatchNorm2d.
 *
 * Training normalizes by the batch and moves the running statistics (the variance with Bessel's correction); evaluation,
 * and a frozen module whatever the mode, normalizes by the running statistics and leaves them alone.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const norm = new nn.BatchNorm2d(8);
 * norm.forward(tf.ones([2, 4, 4, 8]));
 * console.log((await norm.running_mean.value.data())[0]); // 0.10000000149011612
 * ```
 */
export class BatchNorm2d extends Module {
  static override readonly stateVersion: number = 2; // the first had no counter
  weight: Parameter;
  bias: Parameter;
  running_mean: Buffer;
  running_var: Buffer;
  num_batches_tracked: Counter = new Counter();
  readonly eps: number;
  momentum: number | null;

  /** @throws {RangeError} where `numFeatures` cannot be, {TypeError} where the options are not by name */
  constructor(readonly numFeatures: number, options: BatchNorm2dOptions = {}) {
    super();
    checkOptions("make BatchNorm2d", options, ["eps", "momentum"]);
    const { eps = 1e-5, momentum = 0.1 } = options;
    checkWhole("BatchNorm2d", "numFeatures", numFeatures, 1);
    this.eps = eps;
    this.momentum = momentum;
    this.weight = new Parameter([numFeatures], constant(1));
    this.bias = new Parameter([numFeatures], constant(0));
    this.running_mean = new Buffer([numFeatures], constant(0));
    this.running_var = new Buffer([numFeatures], constant(1));
  }

  override forward(x: tf.Tensor): tf.Tensor4D {
    const images = checkImages(x, this.numFeatures);
    const [weight, bias, mean, variance] = [this.weight, this.bias, this.running_mean, this.running_var].map(
      ({ value }) => value as tf.Tensor as tf.Tensor1D,
    );
    if (!this.isTraining) return batchNorm(images, weight, bias, mean, variance, this.eps);
    if (images.size === this.numFeatures) {
      throw new RangeError(
        `expected more than one value per channel while training, found input [${x.shape.join(", ")}]; ` +
          "use a larger batch, or freeze this layer",
      );
    }
    const share = this.momentum ?? 1 / (this.num_batches_tracked.value + 1);
    const batch = batchNormTraining(images, weight, bias, { mean, variance }, share, this.eps);
    this.num_batches_tracked.value++;
    this.running_mean.update(() => batch.mean);
    this.running_var.update(() => batch.variance);
    return batch.y;
  }

  override extraRepr(): string {
    const momentum = this.momentum === null ? "None" : pythonFloat(this.momentum);
    const always = "affine=True, bias=True, track_running_stats=True";
    return `${this.numFeatures}, eps=${pythonFloat(this.eps)}, momentum=${momentum}, ${always}`;
  }
}
