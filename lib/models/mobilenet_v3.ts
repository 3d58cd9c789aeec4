import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { Conv2dNormActivation } from "./blocks/conv2d_norm_activation.ts";
import { layerStages } from "./blocks/layer_stages.ts";
import { makeDivisible } from "./blocks/make_divisible.ts";
import { checkStride } from "./blocks/mb_conv.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { pooledStage } from "./blocks/pooled_stage.ts";
import { SqueezeExcitation } from "./blocks/squeeze_excitation.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer, checkPositive, checkProbability, checkSwitch } from "./check_values.ts";
import { mobilenetV3Weights } from "./tables/mobilenet_v3.ts";

/**
 * MobileNetV3 (Howard et al. 2019), as torchvision builds it: MobileNetV2's blocks, found by a search for a phone's speed, with
 * channels weighed where it pays and, in the deeper half, an activation that is nearly swish but needs no exponential.
 *
 * @module
 */

/** What one block is like. */
export interface InvertedResidualConfig {
  inputChannels: number;
  /** Height and width of the depthwise filters, in pixels. */
  kernel: number;
  /** Channels inside. */
  expandedChannels: number;
  outChannels: number;
  /** Whether the channels inside are weighed (squeeze and excitation). */
  useSe: boolean;
  /** `"RE"` for ReLU, `"HS"` for Hardswish. */
  activation: "RE" | "HS";
  /** Step of the depthwise convolution, in pixels: 1 or 2. */
  stride: number;
  /** Distance between the depthwise filters' taps; above 1 it takes the stride's place. */
  dilation: number;
}

const init = nn.init.kaimingNormal("fan_out");
const biasInit = nn.init.constant(0);
const hardswish = () => new nn.Hardswish({ inplace: true });
const batchNorm: NormLayer = (channels) => new nn.BatchNorm2d(channels, { eps: 1e-3, momentum: 0.01 });

/** A block: up to many channels, a depthwise convolution there, a weighing of the channels, down again, the input added. */
class InvertedResidual extends nn.Module {
  block: nn.Sequential;
  /** Whether the input is added to the output. */
  readonly hasShortcut: boolean;

  /** @throws {RangeError} where the stride is neither 1 nor 2 */
  constructor(config: InvertedResidualConfig, normLayer: NormLayer) {
    super();
    const { inputChannels, kernel, expandedChannels: width, outChannels, useSe, activation, dilation } = config;
    checkStride("InvertedResidual", config.stride);
    const activationLayer = activation === "HS" ? hardswish : () => new nn.ReLU({ inplace: true });
    const layers = { normLayer, activationLayer, init };
    const expand = () => new Conv2dNormActivation(inputChannels, width, { kernelSize: 1, ...layers });
    const weigh = () =>
      new SqueezeExcitation(width, makeDivisible(Math.floor(width / 4), 8), {
        scaleActivation: () => new nn.Hardsigmoid(),
        init,
        biasInit,
      });
    const stride = dilation > 1 ? 1 : config.stride;
    this.block = new nn.Sequential(
      ...(width === inputChannels ? [] : [expand()]),
      new Conv2dNormActivation(width, width, { kernelSize: kernel, stride, dilation, groups: width, ...layers }),
      ...(useSe ? [weigh()] : []),
      new Conv2dNormActivation(width, outChannels, { kernelSize: 1, ...layers, activationLayer: null }),
    );
    this.hasShortcut = config.stride === 1 && inputChannels === outChannels;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const y = this.block.forward(x);
    return this.hasShortcut ? y.add(x) : y;
  }
}

/** Options of {@linkcode MobileNetV3}. */
export interface MobileNetV3Arguments {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** Batch normalization unless given. */
  normLayer?: NormLayer;
  /** The probability with which training drops a feature in front of the last layer; 0.2. */
  dropout?: number;
}

/**
 * A MobileNetV3 for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const blocks = models.mobileNetV3Blocks("small").slice(0, 3);
 * const small = new models.MobileNetV3(blocks, 128, { numClasses: 9 });
 * console.log(small.features.length, small.classifier.get("3").extraRepr()); // 5 in_features=128, out_features=9, bias=True
 * ```
 */
export class MobileNetV3 extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d(1);
  classifier: nn.Sequential;

  /**
   * @param blocks what the blocks are like, in order
   * @param lastChannel channels between the classifier's two layers
   * @throws {TypeError | RangeError} naming the option that cannot be
   */
  constructor(blocks: readonly InvertedResidualConfig[], lastChannel: number, options: MobileNetV3Arguments = {}) {
    super();
    checkBlocks(blocks);
    checkOptions("make MobileNetV3", options, ["numClasses", "normLayer", "dropout"]);
    const { numClasses = 1000, normLayer = batchNorm, dropout = 0.2 } = options;
    checkProbability("MobileNetV3", "dropout", dropout);
    checkNormLayer("MobileNetV3", normLayer);
    const layers = { normLayer, activationLayer: hardswish, init };
    const { outChannels } = blocks.at(-1)!;
    const width = 6 * outChannels;
    this.features = new nn.Sequential(
      new Conv2dNormActivation(3, blocks[0].inputChannels, { kernelSize: 3, stride: 2, ...layers }),
      ...blocks.map((config) => new InvertedResidual(config, normLayer)),
      new Conv2dNormActivation(outChannels, width, { kernelSize: 1, ...layers }),
    );
    const linear = { init: nn.init.normal(0, 0.01), biasInit };
    this.classifier = new nn.Sequential(
      new nn.Linear(width, lastChannel, linear),
      hardswish(),
      new nn.Dropout(dropout, { inplace: true }),
      new nn.Linear(lastChannel, numClasses, linear),
    );
  }

  override stages(): nn.Stage[] {
    return [
      ...layerStages(this, "features"),
      pooledStage(this),
      ...layerStages(this, "classifier"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

function checkBlocks(blocks: readonly InvertedResidualConfig[]): void {
  const sizes = ["inputChannels", "kernel", "expandedChannels", "outChannels", "stride", "dilation"] as const;
  const fits = (block: InvertedResidualConfig) =>
    sizes.every((name) => Number.isInteger(block?.[name]) && block[name] > 0) && typeof block.useSe === "boolean" &&
    ["RE", "HS"].includes(block.activation);
  if (Array.isArray(blocks) && blocks.length > 0 && blocks.every(fits)) return;
  throw new TypeError(
    `Cannot make MobileNetV3: expected blocks to be a list of { ${
      sizes.join(", ")
    }, useSe, activation }, whole numbers ` +
      `above 0, true or false, and "RE" or "HS", found ${JSON.stringify(blocks)}`,
  );
}

type Row = readonly [number, number, number, number, boolean, "RE" | "HS", number];

/** The paper's tables 1 and 2: channels, filter, channels inside, channels out, squeeze and excitation, activation, stride. */
const tables: Record<"large" | "small", readonly Row[]> = {
  large: [
    [16, 3, 16, 16, false, "RE", 1],
    [16, 3, 64, 24, false, "RE", 2],
    [24, 3, 72, 24, false, "RE", 1],
    [24, 5, 72, 40, true, "RE", 2],
    [40, 5, 120, 40, true, "RE", 1],
    [40, 5, 120, 40, true, "RE", 1],
    [40, 3, 240, 80, false, "HS", 2],
    [80, 3, 200, 80, false, "HS", 1],
    [80, 3, 184, 80, false, "HS", 1],
    [80, 3, 184, 80, false, "HS", 1],
    [80, 3, 480, 112, true, "HS", 1],
    [112, 3, 672, 112, true, "HS", 1],
    [112, 5, 672, 160, true, "HS", 2],
    [160, 5, 960, 160, true, "HS", 1],
    [160, 5, 960, 160, true, "HS", 1],
  ],
  small: [
    [16, 3, 16, 16, true, "RE", 2],
    [16, 3, 72, 24, false, "RE", 2],
    [24, 3, 88, 24, false, "RE", 1],
    [24, 5, 96, 40, true, "HS", 2],
    [40, 5, 240, 40, true, "HS", 1],
    [40, 5, 240, 40, true, "HS", 1],
    [40, 5, 120, 48, true, "HS", 1],
    [48, 5, 144, 48, true, "HS", 1],
    [48, 5, 288, 96, true, "HS", 2],
    [96, 5, 576, 96, true, "HS", 1],
    [96, 5, 576, 96, true, "HS", 1],
  ],
};

/** Channels between the classifier's two layers. */
const lastChannels = { large: 1280, small: 1024 };

/** Options that a MobileNetV3 builder takes besides those of every builder. */
export interface MobileNetV3Options {
  /** What every number of channels is multiplied by; 1. */
  widthMult?: number;
  /** Whether the last three blocks and the classifier have half the channels, as for finding things in pictures; false. */
  reducedTail?: boolean;
  /** Whether the last three blocks keep height and width and spread their filters' taps, as for segmentation; false. */
  dilated?: boolean;
  /** The probability with which training drops a feature in front of the last layer; 0.2. */
  dropout?: number;
}

/**
 * The blocks of MobileNetV3's large or small network.
 *
 * @throws {TypeError | RangeError} naming what cannot be
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const { inputChannels, outChannels } = models.mobileNetV3Blocks("large", { reducedTail: true }).at(-1)!;
 * console.log(inputChannels, outChannels); // 80 80
 * ```
 */
export function mobileNetV3Blocks(
  size: "large" | "small",
  options: Omit<MobileNetV3Options, "dropout"> = {},
): InvertedResidualConfig[] {
  if (!Object.hasOwn(tables, size)) {
    const found = JSON.stringify(size) ?? size;
    throw new RangeError(`Cannot make MobileNetV3's blocks: expected size "large" or "small", found ${found}`);
  }
  checkOptions("make MobileNetV3's blocks", options, ["widthMult", "reducedTail", "dilated"]);
  const { widthMult = 1, reducedTail = false, dilated = false } = options;
  checkPositive("MobileNetV3", "widthMult", widthMult);
  checkSwitch("MobileNetV3", "reducedTail", reducedTail);
  checkSwitch("MobileNetV3", "dilated", dilated);
  const table = tables[size];
  const widened = (channels: number) => makeDivisible(channels * widthMult, 8);
  const halved = (channels: number) => reducedTail ? Math.floor(channels / 2) : channels;
  return table.map(([inputChannels, kernel, expandedChannels, outChannels, useSe, activation, stride], i) => {
    const [first, tail] = [i === table.length - 3, i >= table.length - 3];
    return {
      // the tail's first block still takes, and has inside, what comes before the tail
      inputChannels: widened(tail && !first ? halved(inputChannels) : inputChannels),
      kernel,
      expandedChannels: widened(tail && !first ? halved(expandedChannels) : expandedChannels),
      outChannels: widened(tail ? halved(outChannels) : outChannels),
      useSe,
      activation,
      stride,
      dilation: tail && dilated ? 2 : 1,
    };
  });
}

function variant(
  name: keyof typeof mobilenetV3Weights,
  size: "large" | "small",
): Builder<MobileNetV3, MobileNetV3Options> {
  return builder<MobileNetV3, MobileNetV3Options>({
    name,
    family: "MobileNetV3",
    paper: {
      title: "Searching for MobileNetV3",
      authors: "Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam",
      year: 2019,
      url: "https://arxiv.org/abs/1905.02244",
    },
    head: "classifier.3",
    weights: mobilenetV3Weights[name],
    options: {
      widthMult: "what every number of channels is multiplied by; 1",
      reducedTail: "whether the last three blocks and the classifier have half the channels; false",
      dilated: "whether the last three blocks keep height and width and spread their filters' taps; false",
      dropout: "the probability with which training drops a feature in front of the last layer; 0.2",
    },
    build: ({ widthMult = 1, reducedTail = false, dilated = false, ...options }) => {
      const blocks = mobileNetV3Blocks(size, { widthMult, reducedTail, dilated });
      const lastChannel = makeDivisible(lastChannels[size] / (reducedTail ? 2 : 1) * widthMult, 8);
      return new MobileNetV3(blocks, lastChannel, options);
    },
  });
}

/**
 * MobileNetV3-Large, 5.5 million parameters.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.mobilenet_v3_large(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[3] = new nn.Linear(model.classifier.get("3", nn.Linear).inFeatures, 9);
 * console.log(model.features.length, model.stages().at(-1)!.name); // 17 classifier.3
 * ```
 */
export const mobilenet_v3_large: Builder<MobileNetV3, MobileNetV3Options> = variant("mobilenet_v3_large", "large");

/** MobileNetV3-Small, 2.5 million parameters. */
export const mobilenet_v3_small: Builder<MobileNetV3, MobileNetV3Options> = variant("mobilenet_v3_small", "small");

nn.nameClasses("torchvision.models.mobilenetv3", { InvertedResidual, MobileNetV3 });
