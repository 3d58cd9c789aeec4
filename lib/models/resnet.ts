import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkWhole } from "../nn/pair.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { pooledStage } from "./blocks/pooled_stage.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer, checkSwitch } from "./check_values.ts";
import { resnetWeights } from "./tables/resnet.ts";

/**
 * Residual networks: ResNet (He et al. 2015), ResNeXt (Xie et al. 2016) and Wide ResNet (Zagoruyko & Komodakis 2016), as
 * torchvision builds them.
 *
 * A block does not compute its output but what to add to its input. Where there is nothing to add it can learn zeros,
 * which is easy, so a hundred blocks in a row still train.
 *
 * @module
 */

/** Options of the residual blocks, in torchvision's order. */
export interface BlockOptions {
  /** Step of the block's 3×3 convolution, in pixels; 2 halves height and width. */
  stride?: number;
  /** Brings the input to the output's shape where the two differ. */
  downsample?: nn.Sequential | null;
  /** Groups of the 3×3 convolution; above 1 it is a ResNeXt. */
  groups?: number;
  /** Channels of the 3×3 convolution per group, in a layer of 64 planes. */
  baseWidth?: number;
  /** Distance between the taps of the 3×3 convolution. */
  dilation?: number;
  /** Batch normalization unless given. */
  normLayer?: NormLayer;
}

const blockOptions = ["stride", "downsample", "groups", "baseWidth", "dilation", "normLayer"] as const;

const batchNorm: NormLayer = (channels) => new nn.BatchNorm2d(channels);

// Initial weights keep the variance of what flows backward (He et al. 2015, "Delving Deep into Rectifiers").
const init = nn.init.kaimingNormal("fan_out");

function conv3x3(inChannels: number, outChannels: number, { stride = 1, groups = 1, dilation = 1 } = {}): nn.Conv2d {
  return new nn.Conv2d(inChannels, outChannels, 3, { stride, padding: dilation, dilation, groups, bias: false, init });
}

function conv1x1(inChannels: number, outChannels: number, stride = 1): nn.Conv2d {
  return new nn.Conv2d(inChannels, outChannels, 1, { stride, bias: false, init });
}

/** Two 3×3 convolutions and the input added to them: the block of resnet18 and resnet34. */
export class BasicBlock extends nn.Module {
  /** How many times `planes` the block's output has. */
  static readonly expansion = 1;

  conv1: nn.Conv2d;
  bn1: nn.Module;
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  conv2: nn.Conv2d;
  bn2: nn.Module;
  downsample: nn.Sequential | null;
  readonly stride: number;

  /**
   * @param inplanes channels of the input
   * @param planes channels of both convolutions
   * @throws {RangeError} where groups, width or dilation are asked for: this block has none; {TypeError} where the options
   *   are not by name
   */
  constructor(inplanes: number, planes: number, options: BlockOptions = {}) {
    super();
    checkOptions("make BasicBlock", options, blockOptions);
    const { stride = 1, downsample = null, groups = 1, baseWidth = 64, dilation = 1, normLayer = batchNorm } = options;
    if (groups !== 1 || baseWidth !== 64 || dilation !== 1) {
      throw new RangeError(
        `Cannot make BasicBlock: expected groups 1, baseWidth 64 and dilation 1, found groups ${groups}, baseWidth ` +
          `${baseWidth} and dilation ${dilation}; networks of Bottleneck blocks, such as resnet50, can have others`,
      );
    }
    this.conv1 = conv3x3(inplanes, planes, { stride });
    this.bn1 = normLayer(planes);
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = normLayer(planes);
    this.downsample = downsample;
    this.stride = stride;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    let y = this.relu.forward(this.bn1.forward(this.conv1.forward(x)));
    y = this.bn2.forward(this.conv2.forward(y));
    const shortcut = this.downsample ? this.downsample.forward(x) : x;
    return this.relu.forward(y.add(shortcut));
  }
}

/**
 * A 1×1 convolution down to few channels, a 3×3 there, a 1×1 up again, and the input added: the block of the deeper
 * networks. The 3×3 has the stride, as in torchvision ("ResNet v1.5"); the paper gives it to the first 1×1.
 */
export class Bottleneck extends nn.Module {
  /** How many times `planes` the block's output has. */
  static readonly expansion = 4;

  conv1: nn.Conv2d;
  bn1: nn.Module;
  conv2: nn.Conv2d;
  bn2: nn.Module;
  conv3: nn.Conv2d;
  bn3: nn.Module;
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  downsample: nn.Sequential | null;
  readonly stride: number;

  /**
   * @param inplanes channels of the input
   * @param planes a quarter of the output's channels
   * @throws {TypeError} where the options are not by name
   */
  constructor(inplanes: number, planes: number, options: BlockOptions = {}) {
    super();
    checkOptions("make Bottleneck", options, blockOptions);
    const { stride = 1, downsample = null, groups = 1, baseWidth = 64, dilation = 1, normLayer = batchNorm } = options;
    const width = Math.floor(planes * (baseWidth / 64)) * groups;
    this.conv1 = conv1x1(inplanes, width);
    this.bn1 = normLayer(width);
    this.conv2 = conv3x3(width, width, { stride, groups, dilation });
    this.bn2 = normLayer(width);
    this.conv3 = conv1x1(width, planes * Bottleneck.expansion);
    this.bn3 = normLayer(planes * Bottleneck.expansion);
    this.downsample = downsample;
    this.stride = stride;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    let y = this.relu.forward(this.bn1.forward(this.conv1.forward(x)));
    y = this.relu.forward(this.bn2.forward(this.conv2.forward(y)));
    y = this.bn3.forward(this.conv3.forward(y));
    const shortcut = this.downsample ? this.downsample.forward(x) : x;
    return this.relu.forward(y.add(shortcut));
  }
}

/** A class of residual blocks. */
export type Block = typeof BasicBlock | typeof Bottleneck;

/** How many blocks layer1, layer2, layer3 and layer4 have. */
export type Layers = readonly [number, number, number, number];

/** Options that a ResNet builder takes besides those of every builder. */
export interface ResNetOptions {
  /** Whether each block starts as the identity: its last batch norm's scale is zero at first (Goyal et al. 2017). */
  zeroInitResidual?: boolean;
  /** For layer2, layer3 and layer4: whether to keep height and width and spread the filters' taps instead. */
  replaceStrideWithDilation?: readonly [boolean, boolean, boolean];
}

/** Options of {@linkcode ResNet}, in torchvision's order. */
export interface ResNetArguments extends ResNetOptions {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** Groups of the 3×3 convolutions; 1. */
  groups?: number;
  /** Channels of the 3×3 convolutions per group, in layer1; 64. */
  widthPerGroup?: number;
  /** Batch normalization unless given. */
  normLayer?: NormLayer;
}

/**
 * A residual network for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const small = new models.ResNet(models.BasicBlock, [1, 1, 1, 1], { numClasses: 9 });
 * console.log(small.layer4.length, small.fc.inFeatures); // 1 512
 * ```
 */
export class ResNet extends nn.Module {
  conv1: nn.Conv2d = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false, init });
  bn1: nn.Module;
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  maxpool: nn.MaxPool2d = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
  layer1: nn.Sequential;
  layer2: nn.Sequential;
  layer3: nn.Sequential;
  layer4: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d([1, 1]);
  fc: nn.Linear;

  /**
   * @param block which block the layers are made of
   * @param layers how many blocks each of the four layers has
   * @throws {TypeError | RangeError} naming the option that cannot be
   */
  constructor(block: Block, layers: Layers, options: ResNetArguments = {}) {
    super();
    checkBlock(block);
    checkLayers(layers);
    checkOptions("make ResNet", options, known);
    const { numClasses = 1000, zeroInitResidual = false, groups = 1, widthPerGroup = 64, normLayer = batchNorm } =
      options;
    checkSwitch("ResNet", "zeroInitResidual", zeroInitResidual);
    checkNormLayer("ResNet", normLayer);
    checkWhole("ResNet", "groups", groups, 1);
    checkWhole("ResNet", "widthPerGroup", widthPerGroup, 1);
    const dilated = checkDilated(options.replaceStrideWithDilation ?? [false, false, false]);
    let inplanes = 64;
    let dilation = 1;

    const makeLayer = (planes: number, blocks: number, stride: number, dilate = false): nn.Sequential => {
      const outplanes = planes * block.expansion;
      const shared = { groups, baseWidth: widthPerGroup, normLayer };
      const before = dilation;
      if (dilate) [dilation, stride] = [dilation * stride, 1];
      const downsample = stride !== 1 || inplanes !== outplanes
        ? new nn.Sequential(conv1x1(inplanes, outplanes, stride), normLayer(outplanes))
        : null;
      const first = new block(inplanes, planes, { stride, downsample, dilation: before, ...shared });
      inplanes = outplanes;
      const others = Array.from({ length: blocks - 1 }, () => new block(inplanes, planes, { dilation, ...shared }));
      return new nn.Sequential(first, ...others);
    };

    this.bn1 = normLayer(64);
    this.layer1 = makeLayer(64, layers[0], 1);
    this.layer2 = makeLayer(128, layers[1], 2, dilated[0]);
    this.layer3 = makeLayer(256, layers[2], 2, dilated[1]);
    this.layer4 = makeLayer(512, layers[3], 2, dilated[2]);
    this.fc = new nn.Linear(512 * block.expansion, numClasses);
    if (zeroInitResidual) this.apply(startAsIdentity);
  }

  override stages(): nn.Stage[] {
    return [
      nn.stage(this, "conv1", ["conv1", "bn1", "relu", "maxpool"]),
      nn.stage(this, "layer1"),
      nn.stage(this, "layer2"),
      nn.stage(this, "layer3"),
      nn.stage(this, "layer4"),
      pooledStage(this),
      nn.stage(this, "fc"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

const known = [
  "numClasses",
  "zeroInitResidual",
  "groups",
  "widthPerGroup",
  "replaceStrideWithDilation",
  "normLayer",
] as const;

/** Zeroes the scale of a block's last batch norm, so that the block adds nothing until it has learned something. */
function startAsIdentity(module: nn.Module): void {
  const last = module instanceof Bottleneck ? module.bn3 : module instanceof BasicBlock ? module.bn2 : undefined;
  if (last instanceof nn.BatchNorm2d) last.weight = new nn.Parameter(last.weight.shape, nn.init.constant(0));
}

function checkBlock(block: Block): void {
  if (typeof block === "function" && Number.isInteger(block.expansion)) return;
  const found = typeof block === "string" ? `"${block}"` : nn.describeValue(block);
  throw new TypeError(
    `Cannot make ResNet: expected block to be models.BasicBlock, models.Bottleneck or a class like them, found ${found}`,
  );
}

function checkLayers(layers: readonly number[]): void {
  if (Array.isArray(layers) && layers.length === 4 && layers.every((n) => Number.isInteger(n) && n > 0)) return;
  throw new TypeError(
    `Cannot make ResNet: expected layers to be four numbers of blocks, found ${JSON.stringify(layers)}`,
  );
}

function checkDilated(dilated: readonly boolean[]): readonly boolean[] {
  const fits = Array.isArray(dilated) && dilated.length === 3 && dilated.every((one) => typeof one === "boolean");
  if (fits) return dilated;
  throw new TypeError(
    "Cannot make ResNet: expected replaceStrideWithDilation to be three booleans, for layer2, layer3 and layer4, " +
      `found ${JSON.stringify(dilated)}`,
  );
}

const papers = {
  "ResNet": {
    title: "Deep Residual Learning for Image Recognition",
    authors: "He, Zhang, Ren, Sun",
    year: 2015,
    url: "https://arxiv.org/abs/1512.03385",
  },
  "ResNeXt": {
    title: "Aggregated Residual Transformations for Deep Neural Networks",
    authors: "Xie, Girshick, Dollár, Tu, He",
    year: 2016,
    url: "https://arxiv.org/abs/1611.05431",
  },
  "Wide ResNet": {
    title: "Wide Residual Networks",
    authors: "Zagoruyko, Komodakis",
    year: 2016,
    url: "https://arxiv.org/abs/1605.07146",
  },
};

function variant(
  name: keyof typeof resnetWeights,
  family: keyof typeof papers,
  block: Block,
  layers: Layers,
  width: { groups?: number; widthPerGroup?: number } = {},
): Builder<ResNet, ResNetOptions> {
  return builder<ResNet, ResNetOptions>({
    name,
    family,
    paper: papers[family],
    head: "fc",
    weights: resnetWeights[name],
    options: {
      zeroInitResidual: "whether each block starts as the identity; false",
      replaceStrideWithDilation: "whether layer2, layer3, layer4 keep their size and dilate instead; three times false",
    },
    build: (options) => new ResNet(block, layers, { ...options, ...width }),
  });
}

/**
 * ResNet-18: the smallest, and a good first network to retrain.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.resnet18(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.fc = new nn.Linear(model.fc.inFeatures, 9);
 * console.log(model.stages().map(({ name }) => name).join(" ")); // conv1 layer1 layer2 layer3 layer4 avgpool fc
 * ```
 */
export const resnet18: Builder<ResNet, ResNetOptions> = variant("resnet18", "ResNet", BasicBlock, [2, 2, 2, 2]);

/** ResNet-34. */
export const resnet34: Builder<ResNet, ResNetOptions> = variant("resnet34", "ResNet", BasicBlock, [3, 4, 6, 3]);

/** ResNet-50, the field's yardstick. */
export const resnet50: Builder<ResNet, ResNetOptions> = variant("resnet50", "ResNet", Bottleneck, [3, 4, 6, 3]);

/** ResNet-101. */
export const resnet101: Builder<ResNet, ResNetOptions> = variant("resnet101", "ResNet", Bottleneck, [3, 4, 23, 3]);

/** ResNet-152. */
export const resnet152: Builder<ResNet, ResNetOptions> = variant("resnet152", "ResNet", Bottleneck, [3, 8, 36, 3]);

/** ResNeXt-50 with 32 groups of 4 channels. */
export const resnext50_32x4d: Builder<ResNet, ResNetOptions> = variant(
  "resnext50_32x4d",
  "ResNeXt",
  Bottleneck,
  [3, 4, 6, 3],
  { groups: 32, widthPerGroup: 4 },
);

/** ResNeXt-101 with 32 groups of 8 channels. */
export const resnext101_32x8d: Builder<ResNet, ResNetOptions> = variant(
  "resnext101_32x8d",
  "ResNeXt",
  Bottleneck,
  [3, 4, 23, 3],
  { groups: 32, widthPerGroup: 8 },
);

/** ResNeXt-101 with 64 groups of 4 channels. */
export const resnext101_64x4d: Builder<ResNet, ResNetOptions> = variant(
  "resnext101_64x4d",
  "ResNeXt",
  Bottleneck,
  [3, 4, 23, 3],
  { groups: 64, widthPerGroup: 4 },
);

/** ResNet-50 with 3×3 convolutions twice as wide. */
export const wide_resnet50_2: Builder<ResNet, ResNetOptions> = variant(
  "wide_resnet50_2",
  "Wide ResNet",
  Bottleneck,
  [3, 4, 6, 3],
  { widthPerGroup: 128 },
);

/** ResNet-101 with 3×3 convolutions twice as wide. */
export const wide_resnet101_2: Builder<ResNet, ResNetOptions> = variant(
  "wide_resnet101_2",
  "Wide ResNet",
  Bottleneck,
  [3, 4, 23, 3],
  { widthPerGroup: 128 },
);

nn.nameClasses("torchvision.models.resnet", { BasicBlock, Bottleneck, ResNet });
