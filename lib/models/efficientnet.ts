import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { Conv2dNormActivation } from "./blocks/conv2d_norm_activation.ts";
import { layerStages } from "./blocks/layer_stages.ts";
import { makeDivisible } from "./blocks/make_divisible.ts";
import { type BlockLayers, checkStride, expandedChannels, MBConv, type MBConvSettings } from "./blocks/mb_conv.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { pooledStage } from "./blocks/pooled_stage.ts";
import { SqueezeExcitation } from "./blocks/squeeze_excitation.ts";
import { StochasticDepth } from "./blocks/stochastic_depth.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer, checkProbability } from "./check_values.ts";
import { efficientnetWeights } from "./tables/efficientnet.ts";

/**
 * EfficientNet (Tan & Le 2019) and EfficientNetV2 (Tan & Le 2021), as torchvision builds them.
 *
 * b0 was found by a search among networks of inverted bottlenecks. b1 to b7 are b0 with more channels, more blocks and larger
 * pictures, all three grown together. V2 was searched again for speed: its first stages have ordinary 3×3 convolutions, which
 * compute more than depthwise ones and yet take less time.
 *
 * @module
 */

/**
 * The inverted bottleneck of EfficientNetV2's first stages: one ordinary convolution up to many channels in place of MBConv's
 * 1×1 and depthwise ones, and no weighing of the channels.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const block = new models.FusedMBConv({ expandRatio: 4, kernel: 3, stride: 1, inputChannels: 8, outChannels: 8 }, 0.1);
 * console.log(block.block.length, block.hasShortcut); // 2 true
 * ```
 */
export class FusedMBConv extends nn.Module {
  block: nn.Sequential;
  stochastic_depth: StochasticDepth;
  /** Whether the input is added to the output. */
  readonly hasShortcut: boolean;

  /**
   * @param stochasticDepth the probability that training leaves the block out
   * @throws {RangeError} naming what cannot be
   */
  constructor(settings: MBConvSettings, stochasticDepth: number, { seLayer: _none, ...layers }: BlockLayers = {}) {
    super();
    const { kernel, stride, inputChannels, outChannels } = settings;
    checkStride("FusedMBConv", stride);
    const width = expandedChannels(settings);
    const conv = (channels: number) =>
      new Conv2dNormActivation(inputChannels, channels, { kernelSize: kernel, stride, ...layers });
    const project = () =>
      new Conv2dNormActivation(width, outChannels, { ...layers, kernelSize: 1, activationLayer: null });
    this.block = width === inputChannels
      ? new nn.Sequential(conv(outChannels))
      : new nn.Sequential(conv(width), project());
    this.stochastic_depth = new StochasticDepth(stochasticDepth, "row");
    this.hasShortcut = stride === 1 && inputChannels === outChannels;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const y = this.block.forward(x);
    return this.hasShortcut ? this.stochastic_depth.forward(y).add(x) : y;
  }
}

/** One of the network's stages: blocks of one kind, the first with the stage's stride and input channels. */
export interface EfficientNetStage extends MBConvSettings {
  /** How many blocks. */
  numLayers: number;
  /** Whether they are FusedMBConv; MBConv unless so. */
  fused?: boolean;
}

const init = nn.init.kaimingNormal("fan_out");
const biasInit = nn.init.constant(0);
const activationLayer = () => new nn.SiLU({ inplace: true });

/** What blocks are made of unless told otherwise. */
const usualLayers: BlockLayers = {
  activationLayer,
  init,
  seLayer: (channels, inputChannels) =>
    new SqueezeExcitation(channels, Math.max(1, inputChannels >> 2), { activation: activationLayer, init, biasInit }),
};

/** Options that an EfficientNet builder takes besides those of every builder. */
export interface EfficientNetOptions {
  /** The probability with which training drops a feature in front of the classifier. */
  dropout?: number;
  /** The probability with which training leaves out the last block, falling to 0 at the first; 0.2. */
  stochasticDepthProb?: number;
}

/** Options of {@linkcode EfficientNet}: torchvision's, and what its blocks are made of. */
export interface EfficientNetArguments extends EfficientNetOptions, BlockLayers {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** Channels in front of the classifier; four times those of the last stage. */
  lastChannel?: number;
}

/**
 * An EfficientNet for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const small = new models.EfficientNet([
 *   { expandRatio: 1, kernel: 3, stride: 1, inputChannels: 16, outChannels: 16, numLayers: 1, fused: true },
 *   { expandRatio: 4, kernel: 3, stride: 2, inputChannels: 16, outChannels: 24, numLayers: 2 },
 * ], { numClasses: 9 });
 * console.log(small.features.length, small.classifier.at(-1).extraRepr()); // 4 in_features=96, out_features=9, bias=True
 * ```
 */
export class EfficientNet extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d(1);
  classifier: nn.Sequential;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(stages: readonly EfficientNetStage[], options: EfficientNetArguments = {}) {
    super();
    const network = new.target.name;
    checkStages(network, stages);
    checkOptions(`make ${network}`, options, known);
    const { dropout = 0.2, stochasticDepthProb = 0.2, numClasses = 1000, lastChannel, ...own } = options;
    checkProbability(network, "dropout", dropout);
    checkProbability(network, "stochasticDepthProb", stochasticDepthProb);
    if (own.normLayer) checkNormLayer(network, own.normLayer);
    const { seLayer, ...layers } = { ...usualLayers, ...own };
    const blocks = stages.reduce((sum, { numLayers }) => sum + numLayers, 0);
    let position = 0;
    const makeStage = ({ numLayers, fused, ...first }: EfficientNetStage): nn.Sequential => {
      const further = { ...first, stride: 1, inputChannels: first.outChannels };
      const settings = Array.from({ length: numLayers }, (_, i) => i === 0 ? first : further);
      const block = fused ? FusedMBConv : MBConv;
      const make = (one: MBConvSettings) =>
        new block(one, stochasticDepthProb * position++ / blocks, { ...layers, seLayer });
      return new nn.Sequential(...settings.map(make));
    };
    const { outChannels } = stages.at(-1)!;
    const width = lastChannel ?? 4 * outChannels;
    this.features = new nn.Sequential(
      new Conv2dNormActivation(3, stages[0].inputChannels, { kernelSize: 3, stride: 2, ...layers }),
      ...stages.map(makeStage),
      new Conv2dNormActivation(outChannels, width, { kernelSize: 1, ...layers }),
    );
    const bound = 1 / Math.sqrt(numClasses);
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout, { inplace: true }),
      new nn.Linear(width, numClasses, { init: nn.init.uniform(-bound, bound), biasInit }),
    );
  }

  override stages(): nn.Stage[] {
    return [
      ...layerStages(this, "features"),
      pooledStage(this),
      nn.stage(this, "classifier"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

const known = [
  "dropout",
  "stochasticDepthProb",
  "numClasses",
  "normLayer",
  "lastChannel",
  "activationLayer",
  "convLayer",
  "seLayer",
  "init",
] as const;

function checkStages(network: string, stages: readonly EfficientNetStage[]): void {
  const sizes = ["kernel", "stride", "inputChannels", "outChannels", "numLayers"] as const;
  const fits = (stage: EfficientNetStage) =>
    sizes.every((name) => Number.isInteger(stage?.[name]) && stage[name] > 0) && stage.expandRatio > 0;
  if (Array.isArray(stages) && stages.length > 0 && stages.every(fits)) return;
  throw new TypeError(
    `Cannot make ${network}: expected stages to be a list of { expandRatio, ${sizes.join(", ")} }, numbers above 0, ` +
      `found ${JSON.stringify(stages)}`,
  );
}

/** One stage by torchvision's order: expansion, filter, stride, channels in, channels out, blocks. */
type Row = readonly [number, number, number, number, number, number];

const asStage = ([expandRatio, kernel, stride, inputChannels, outChannels, numLayers]: Row): EfficientNetStage => (
  { expandRatio, kernel, stride, inputChannels, outChannels, numLayers }
);

/** b0's stages. */
const base = ([
  [1, 3, 1, 32, 16, 1],
  [6, 3, 2, 16, 24, 2],
  [6, 5, 2, 24, 40, 2],
  [6, 3, 2, 40, 80, 3],
  [6, 5, 1, 80, 112, 3],
  [6, 5, 2, 112, 192, 4],
  [6, 3, 1, 192, 320, 1],
] as const).map(asStage);

/**
 * The stages of b0 with so many times their channels and so many times their blocks, both rounded.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const half = new models.EfficientNet(models.efficientNetStages(0.5, 0.5));
 * console.log(half.classifier.at(-1).extraRepr()); // in_features=640, out_features=1000, bias=True
 * ```
 */
export function efficientNetStages(width: number, depth: number): EfficientNetStage[] {
  return base.map((stage) => ({
    ...stage,
    inputChannels: makeDivisible(stage.inputChannels * width, 8),
    outChannels: makeDivisible(stage.outChannels * width, 8),
    numLayers: Math.ceil(stage.numLayers * depth),
  }));
}

/** V2's stages: first those of FusedMBConv, then those of MBConv. */
function v2Stages(fused: readonly Row[], others: readonly Row[]): EfficientNetStage[] {
  return [...fused.map((row) => ({ ...asStage(row), fused: true })), ...others.map(asStage)];
}

const papers = {
  "EfficientNet": {
    title: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    authors: "Tan, Le",
    year: 2019,
    url: "https://arxiv.org/abs/1905.11946",
  },
  "EfficientNetV2": {
    title: "EfficientNetV2: Smaller Models and Faster Training",
    authors: "Tan, Le",
    year: 2021,
    url: "https://arxiv.org/abs/2104.00298",
  },
};

function variant(
  name: keyof typeof efficientnetWeights,
  family: keyof typeof papers,
  stages: readonly EfficientNetStage[],
  fixed: { dropout: number; normLayer?: NormLayer; lastChannel?: number },
): Builder<EfficientNet, EfficientNetOptions> {
  return builder<EfficientNet, EfficientNetOptions>({
    name,
    family,
    paper: papers[family],
    head: "classifier.1",
    weights: efficientnetWeights[name],
    options: {
      dropout: `the probability with which training drops a feature in front of the classifier; ${fixed.dropout}`,
      stochasticDepthProb:
        "the probability with which training leaves out the last block, falling to 0 at the first; 0.2",
    },
    build: (options) => new EfficientNet(stages, { ...fixed, ...options }),
  });
}

/**
 * EfficientNet-B0, the smallest, for pictures of 224 pixels.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.efficientnet_b0(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[1] = new nn.Linear(model.classifier.get("1", nn.Linear).inFeatures, 9);
 * console.log(model.stages().length, model.features.length); // 11 9
 * ```
 */
export const efficientnet_b0: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_b0",
  "EfficientNet",
  efficientNetStages(1, 1),
  { dropout: 0.2 },
);

/** EfficientNet-B1, for pictures of 240 pixels. */
export const efficientnet_b1: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_b1",
  "EfficientNet",
  efficientNetStages(1, 1.1),
  { dropout: 0.2 },
);

/** EfficientNet-B2, for pictures of 288 pixels. */
export const efficientnet_b2: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_b2",
  "EfficientNet",
  efficientNetStages(1.1, 1.2),
  { dropout: 0.3 },
);

/** EfficientNet-B3, for pictures of 300 pixels. */
export const efficientnet_b3: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_b3",
  "EfficientNet",
  efficientNetStages(1.2, 1.4),
  { dropout: 0.3 },
);

/** EfficientNet-B4, for pictures of 380 pixels. */
export const efficientnet_b4: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_b4",
  "EfficientNet",
  efficientNetStages(1.4, 1.8),
  { dropout: 0.4 },
);

// The weights of b5 and above come from TensorFlow, and so do these two numbers.
const tensorflowsNorm: NormLayer = (channels) => new nn.BatchNorm2d(channels, { eps: 1e-3, momentum: 0.01 });

/** EfficientNet-B5, for pictures of 456 pixels. */
export const efficientnet_b5: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_b5",
  "EfficientNet",
  efficientNetStages(1.6, 2.2),
  { dropout: 0.4, normLayer: tensorflowsNorm },
);

/** EfficientNet-B6, for pictures of 528 pixels. */
export const efficientnet_b6: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_b6",
  "EfficientNet",
  efficientNetStages(1.8, 2.6),
  { dropout: 0.5, normLayer: tensorflowsNorm },
);

/** EfficientNet-B7, for pictures of 600 pixels. */
export const efficientnet_b7: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_b7",
  "EfficientNet",
  efficientNetStages(2, 3.1),
  { dropout: 0.5, normLayer: tensorflowsNorm },
);

const v2 = {
  lastChannel: 1280,
  normLayer: (channels: number) => new nn.BatchNorm2d(channels, { eps: 1e-3 }),
};

/** EfficientNetV2-S, for pictures of 384 pixels. */
export const efficientnet_v2_s: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_v2_s",
  "EfficientNetV2",
  v2Stages(
    [[1, 3, 1, 24, 24, 2], [4, 3, 2, 24, 48, 4], [4, 3, 2, 48, 64, 4]],
    [[4, 3, 2, 64, 128, 6], [6, 3, 1, 128, 160, 9], [6, 3, 2, 160, 256, 15]],
  ),
  { dropout: 0.2, ...v2 },
);

/** EfficientNetV2-M, for pictures of 480 pixels. */
export const efficientnet_v2_m: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_v2_m",
  "EfficientNetV2",
  v2Stages(
    [[1, 3, 1, 24, 24, 3], [4, 3, 2, 24, 48, 5], [4, 3, 2, 48, 80, 5]],
    [[4, 3, 2, 80, 160, 7], [6, 3, 1, 160, 176, 14], [6, 3, 2, 176, 304, 18], [6, 3, 1, 304, 512, 5]],
  ),
  { dropout: 0.3, ...v2 },
);

/** EfficientNetV2-L, for pictures of 480 pixels. */
export const efficientnet_v2_l: Builder<EfficientNet, EfficientNetOptions> = variant(
  "efficientnet_v2_l",
  "EfficientNetV2",
  v2Stages(
    [[1, 3, 1, 32, 32, 4], [4, 3, 2, 32, 64, 7], [4, 3, 2, 64, 96, 7]],
    [[4, 3, 2, 96, 192, 10], [6, 3, 1, 192, 224, 19], [6, 3, 2, 224, 384, 25], [6, 3, 1, 384, 640, 7]],
  ),
  { dropout: 0.4, ...v2 },
);

nn.nameClasses("torchvision.models.efficientnet", { FusedMBConv, EfficientNet, MBConv });
