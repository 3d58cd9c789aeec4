import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { type Builder, builder } from "./builder.ts";
import { shufflenetV2Weights } from "./tables/shufflenet_v2.ts";

/**
 * ShuffleNet V2 (Ma et al. 2018): made to be fast on phones rather than to need few multiplications.
 *
 * A block leaves half of the channels as they are and works on the other half. Then both are shuffled like a deck of cards,
 * so that the next block works on some of either.
 *
 * @module
 */

/**
 * Mixes groups of channels: the first of each group, then the second of each, and so on.
 *
 * @param x `[N, H, W, C]`
 * @param groups how many there are; C is a multiple of it
 * @throws {RangeError} where it is not
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const x = tf.tensor4d([0, 1, 2, 3, 4, 5], [1, 1, 1, 6]);
 * console.log((await models.channelShuffle(x, 2).data()).join(" ")); // 0 3 1 4 2 5
 * ```
 */
export function channelShuffle(x: tf.Tensor, groups: number): tf.Tensor {
  const channels = x.shape.at(-1)!;
  if (!Number.isInteger(groups) || groups < 1 || channels % groups) {
    throw new RangeError(`Cannot shuffle channels: expected groups to divide ${channels} channels, found ${groups}`);
  }
  return tf.tidy(() => {
    const dealt = x.reshape<tf.Tensor3D>([-1, groups, channels / groups]);
    return tf.transpose(dealt, [0, 2, 1]).reshape(x.shape);
  });
}

/** A block of two branches whose channels are shuffled; with a stride of 1 the first branch is the input's first half. */
class InvertedResidual extends nn.Module {
  branch1: nn.Sequential;
  branch2: nn.Sequential;
  readonly stride: number;

  /**
   * @param inChannels channels of the input; with a stride of 1 as many as of the output
   * @param outChannels channels of the output, an even number
   */
  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    const half = outChannels / 2;
    this.stride = stride;
    this.branch1 = stride === 1 ? new nn.Sequential() : new nn.Sequential(
      depthwise(inChannels, stride),
      new nn.BatchNorm2d(inChannels),
      new nn.Conv2d(inChannels, half, 1, { bias: false }),
      new nn.BatchNorm2d(half),
      new nn.ReLU({ inplace: true }),
    );
    this.branch2 = new nn.Sequential(
      new nn.Conv2d(stride === 1 ? half : inChannels, half, 1, { bias: false }),
      new nn.BatchNorm2d(half),
      new nn.ReLU({ inplace: true }),
      depthwise(half, stride),
      new nn.BatchNorm2d(half),
      new nn.Conv2d(half, half, 1, { bias: false }),
      new nn.BatchNorm2d(half),
      new nn.ReLU({ inplace: true }),
    );
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [first, second] = this.stride === 1 ? tf.split(x, 2, 3) : [x, x];
    return channelShuffle(tf.concat([this.branch1.forward(first), this.branch2.forward(second)], 3), 2);
  }
}

function depthwise(channels: number, stride: number): nn.Conv2d {
  return new nn.Conv2d(channels, channels, 3, { stride, padding: 1, groups: channels, bias: false });
}

/**
 * A ShuffleNet V2 for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const small = new models.ShuffleNetV2([1, 1, 1], [24, 48, 96, 192, 256], { numClasses: 9 });
 * console.log(small.stage2.length, small.fc.inFeatures); // 1 256
 * ```
 */
export class ShuffleNetV2 extends nn.Module {
  conv1: nn.Sequential;
  maxpool: nn.MaxPool2d = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
  stage2: nn.Sequential;
  stage3: nn.Sequential;
  stage4: nn.Sequential;
  conv5: nn.Sequential;
  fc: nn.Linear;

  /**
   * @param repeats how many blocks stage2, stage3 and stage4 have
   * @param channels how many channels conv1, the three stages and conv5 make; the stages' are even
   * @throws {TypeError} where these are something else
   */
  constructor(
    repeats: readonly number[],
    channels: readonly number[],
    options: { numClasses?: number } = {},
  ) {
    super();
    checkOptions("make ShuffleNetV2", options, ["numClasses"]);
    const { numClasses = 1000 } = options;
    checkNumbers("repeats to be three whole numbers of blocks", repeats, 3, () => true);
    const even = (n: number, i: number) => i === 0 || i === 4 || n % 2 === 0;
    checkNumbers("channels to be five whole numbers, the three in the middle even", channels, 5, even);
    const [stem, ...widths] = channels;
    const layer = (from: number, to: number, blocks: number) =>
      new nn.Sequential(...Array.from({ length: blocks }, (_, i) => {
        return i === 0 ? new InvertedResidual(from, to, 2) : new InvertedResidual(to, to, 1);
      }));
    this.conv1 = new nn.Sequential(
      new nn.Conv2d(3, stem, 3, { stride: 2, padding: 1, bias: false }),
      new nn.BatchNorm2d(stem),
      new nn.ReLU({ inplace: true }),
    );
    this.stage2 = layer(stem, widths[0], repeats[0]);
    this.stage3 = layer(widths[0], widths[1], repeats[1]);
    this.stage4 = layer(widths[1], widths[2], repeats[2]);
    this.conv5 = new nn.Sequential(
      new nn.Conv2d(widths[2], widths[3], 1, { bias: false }),
      new nn.BatchNorm2d(widths[3]),
      new nn.ReLU({ inplace: true }),
    );
    this.fc = new nn.Linear(widths[3], numClasses);
  }

  override stages(): nn.Stage[] {
    return [
      nn.stage(this, "conv1", ["conv1", "maxpool"]),
      nn.stage(this, "stage2"),
      nn.stage(this, "stage3"),
      nn.stage(this, "stage4"),
      nn.stage(this, "conv5"),
      // torchvision's network has no module for this either
      { name: "avgpool", modules: [], forward: (x) => tf.mean(x, [1, 2]) },
      nn.stage(this, "fc"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

function checkNumbers(
  expected: string,
  values: readonly number[],
  count: number,
  fits: (value: number, index: number) => boolean,
): void {
  const whole = (value: number, i: number) => Number.isInteger(value) && value > 0 && fits(value, i);
  if (Array.isArray(values) && values.length === count && values.every(whole)) return;
  throw new TypeError(`Cannot make ShuffleNetV2: expected ${expected}, found ${JSON.stringify(values) ?? values}`);
}

function variant(name: keyof typeof shufflenetV2Weights, ...channels: number[]): Builder<ShuffleNetV2> {
  return builder<ShuffleNetV2>({
    name,
    family: "ShuffleNet V2",
    paper: {
      title: "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
      authors: "Ma, Zhang, Zheng, Sun",
      year: 2018,
      url: "https://arxiv.org/abs/1807.11164",
    },
    head: "fc",
    weights: shufflenetV2Weights[name],
    options: {},
    build: (options) => new ShuffleNetV2([4, 8, 4], channels, options),
  });
}

/**
 * ShuffleNet V2 with about half the channels: the smallest network of the zoo in multiplications.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.shufflenet_v2_x0_5(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.fc = new nn.Linear(model.fc.inFeatures, 9);
 * console.log(model.stages().map(({ name }) => name).join(" ")); // conv1 stage2 stage3 stage4 conv5 avgpool fc
 * ```
 */
export const shufflenet_v2_x0_5: Builder<ShuffleNetV2> = variant("shufflenet_v2_x0_5", 24, 48, 96, 192, 1024);

/** ShuffleNet V2 as the paper's tables have it. */
export const shufflenet_v2_x1_0: Builder<ShuffleNetV2> = variant("shufflenet_v2_x1_0", 24, 116, 232, 464, 1024);

/** ShuffleNet V2 with one and a half times the channels. */
export const shufflenet_v2_x1_5: Builder<ShuffleNetV2> = variant("shufflenet_v2_x1_5", 24, 176, 352, 704, 1024);

/** ShuffleNet V2 with twice the channels. */
export const shufflenet_v2_x2_0: Builder<ShuffleNetV2> = variant("shufflenet_v2_x2_0", 24, 244, 488, 976, 2048);

nn.nameClasses("torchvision.models.shufflenetv2", { InvertedResidual, ShuffleNetV2 });
