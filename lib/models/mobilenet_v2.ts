import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkWhole } from "../nn/pair.ts";
import { Conv2dNormActivation } from "./blocks/conv2d_norm_activation.ts";
import { layerStages } from "./blocks/layer_stages.ts";
import { makeDivisible } from "./blocks/make_divisible.ts";
import { checkStride } from "./blocks/mb_conv.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer, checkPositive, checkProbability } from "./check_values.ts";
import { mobilenetV2Weights } from "./tables/mobilenet_v2.ts";

/**
 * MobileNetV2 (Sandler et al. 2018), as torchvision builds it: the network that inverted bottlenecks come from.
 *
 * A block is wide inside and narrow at both ends. Inside, a depthwise convolution looks at each channel by itself, which is
 * cheap; what is kept from block to block, and what the shortcuts join, are the few channels between.
 *
 * @module
 */

const init = nn.init.kaimingNormal("fan_out");
const activationLayer = () => new nn.ReLU6({ inplace: true });
const batchNorm: NormLayer = (channels) => new nn.BatchNorm2d(channels);

/** A 1×1 convolution up to many channels, a depthwise 3×3 there, a 1×1 down again, and the input added where it fits. */
class InvertedResidual extends nn.Module {
  conv: nn.Sequential;
  /** Whether the input is added to the output. */
  readonly hasShortcut: boolean;

  /** @throws {RangeError} where the stride is neither 1 nor 2 */
  constructor(inChannels: number, outChannels: number, stride: number, expandRatio: number, normLayer: NormLayer) {
    super();
    checkStride("InvertedResidual", stride);
    const width = inChannels * expandRatio;
    const layers = { normLayer, activationLayer, init };
    const expand = () => new Conv2dNormActivation(inChannels, width, { kernelSize: 1, ...layers });
    this.conv = new nn.Sequential(
      ...(expandRatio === 1 ? [] : [expand()]),
      new Conv2dNormActivation(width, width, { stride, groups: width, ...layers }),
      new nn.Conv2d(width, outChannels, 1, { bias: false, init }),
      normLayer(outChannels),
    );
    this.hasShortcut = stride === 1 && inChannels === outChannels;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const y = this.conv.forward(x);
    return this.hasShortcut ? y.add(x) : y;
  }
}

/** Some blocks of MobileNetV2: how many times wider inside, channels, how many blocks, the first one's stride. */
export type InvertedResidualRow = readonly [expandRatio: number, channels: number, blocks: number, stride: number];

const usualRows: readonly InvertedResidualRow[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** Options that the builder takes besides those of every builder. */
export interface MobileNetV2Options {
  /** What every number of channels is multiplied by; 1. */
  widthMult?: number;
  /** The network's blocks; the paper's. */
  invertedResidualSetting?: readonly InvertedResidualRow[];
  /** Every number of channels is made a multiple of this; 8. */
  roundNearest?: number;
  /** The probability with which training drops a feature in front of the classifier; 0.2. */
  dropout?: number;
}

/** Options of {@linkcode MobileNetV2}. */
export interface MobileNetV2Arguments extends MobileNetV2Options {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** Batch normalization unless given. */
  normLayer?: NormLayer;
}

/**
 * A MobileNetV2 for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const small = new models.MobileNetV2({ numClasses: 9, invertedResidualSetting: [[1, 16, 1, 1], [6, 24, 2, 2]] });
 * console.log(small.features.length, small.lastChannel); // 5 1280
 * ```
 */
export class MobileNetV2 extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Sequential;
  /** Channels in front of the classifier. */
  readonly lastChannel: number;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(options: MobileNetV2Arguments = {}) {
    super();
    checkOptions("make MobileNetV2", options, known);
    const { numClasses = 1000, widthMult = 1, invertedResidualSetting = usualRows, roundNearest = 8, dropout = 0.2 } =
      options;
    const { normLayer = batchNorm } = options;
    checkPositive("MobileNetV2", "widthMult", widthMult);
    checkWhole("MobileNetV2", "roundNearest", roundNearest, 1);
    checkProbability("MobileNetV2", "dropout", dropout);
    checkNormLayer("MobileNetV2", normLayer);
    checkRows(invertedResidualSetting);
    const widened = (channels: number) => makeDivisible(channels * widthMult, roundNearest);
    const layers = { normLayer, activationLayer, init };
    let channels = widened(32);
    const first = new Conv2dNormActivation(3, channels, { stride: 2, ...layers });
    const blocks = invertedResidualSetting.flatMap(([expandRatio, wanted, count, stride]) =>
      Array.from({ length: count }, (_, i) => {
        const from = channels;
        channels = widened(wanted);
        return new InvertedResidual(from, channels, i === 0 ? stride : 1, expandRatio, normLayer);
      })
    );
    this.lastChannel = makeDivisible(1280 * Math.max(1, widthMult), roundNearest);
    const last = new Conv2dNormActivation(channels, this.lastChannel, { kernelSize: 1, ...layers });
    this.features = new nn.Sequential(first, ...blocks, last);
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      new nn.Linear(this.lastChannel, numClasses, { init: nn.init.normal(0, 0.01), biasInit: nn.init.constant(0) }),
    );
  }

  override stages(): nn.Stage[] {
    return [
      ...layerStages(this, "features"),
      // torchvision's network has no module for this either
      { name: "avgpool", modules: [], forward: globalMean },
      nn.stage(this, "classifier"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

function globalMean(x: tf.Tensor): tf.Tensor {
  return nn.functional.flatten(nn.functional.adaptiveAvgPool2d(x as tf.Tensor4D, 1));
}

const known = [
  "numClasses",
  "widthMult",
  "invertedResidualSetting",
  "roundNearest",
  "normLayer",
  "dropout",
] as const;

function checkRows(rows: readonly InvertedResidualRow[]): void {
  const fits = (row: InvertedResidualRow) =>
    Array.isArray(row) && row.length === 4 && row.every((n) => Number.isInteger(n) && n > 0) && row[3] <= 2;
  if (Array.isArray(rows) && rows.length > 0 && rows.every(fits)) return;
  throw new TypeError(
    "Cannot make MobileNetV2: expected invertedResidualSetting to be a list of [expandRatio, channels, blocks, stride], " +
      `whole numbers above 0 and the stride 1 or 2, found ${JSON.stringify(rows)}`,
  );
}

/**
 * MobileNetV2, 3.5 million parameters.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.mobilenet_v2(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[1] = new nn.Linear(model.lastChannel, 9);
 * console.log(model.features.length, models.mobilenet_v2({ widthMult: 1.4 }).lastChannel); // 19 1792
 * ```
 */
export const mobilenet_v2: Builder<MobileNetV2, MobileNetV2Options> = builder<MobileNetV2, MobileNetV2Options>({
  name: "mobilenet_v2",
  family: "MobileNetV2",
  paper: {
    title: "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
    authors: "Sandler, Howard, Zhu, Zhmoginov, Chen",
    year: 2018,
    url: "https://arxiv.org/abs/1801.04381",
  },
  head: "classifier.1",
  weights: mobilenetV2Weights.mobilenet_v2,
  options: {
    widthMult: "what every number of channels is multiplied by; 1",
    invertedResidualSetting: "the blocks, as a list of [expandRatio, channels, blocks, stride]; the paper's",
    roundNearest: "every number of channels is made a multiple of this; 8",
    dropout: "the probability with which training drops a feature in front of the classifier; 0.2",
  },
  build: (options) => new MobileNetV2(options),
});

nn.nameClasses("torchvision.models.mobilenetv2", { InvertedResidual, MobileNetV2 });
