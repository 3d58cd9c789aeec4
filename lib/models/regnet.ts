import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkWhole } from "../nn/pair.ts";
import { Conv2dNormActivation } from "./blocks/conv2d_norm_activation.ts";
import { makeDivisible } from "./blocks/make_divisible.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { pooledStage } from "./blocks/pooled_stage.ts";
import { SqueezeExcitation } from "./blocks/squeeze_excitation.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer } from "./check_values.ts";
import { regnetWeights } from "./tables/regnet.ts";

/**
 * RegNet (Radosavovic et al. 2020): networks of one kind of block whose widths lie on a straight line, found by looking at
 * which of thousands of random networks are good. RegNetX has no squeeze-and-excitation, RegNetY has. The number in a
 * name, such as 400MF, is the millions of multiplications for one picture.
 *
 * @module
 */

/** The line that a RegNet's widths lie on, by the paper's letters. */
export interface RegNetLine {
  /** How many blocks there are. */
  depth: number;
  /** The first block's channels, a multiple of 8. */
  w0: number;
  /** How many channels each further block has more, before widths are put together to stages. */
  wa: number;
  /** How many times wider a stage is than the one before it, about. */
  wm: number;
  /** Channels of each group of the 3×3 convolutions. */
  groupWidth: number;
  /** How many times a block's output channels it is wide inside; 1. */
  bottleneckMultiplier?: number;
  /** The squeezed channels of a block, as a share of its input's; without it there is no squeeze-and-excitation. */
  seRatio?: number;
}

/** What each stage of a RegNet is like; one number for each, but for `seRatio`. */
export interface BlockParams {
  /** How many blocks. */
  depths: readonly number[];
  /** Their channels. */
  widths: readonly number[];
  /** Channels of each group of their 3×3 convolutions. */
  groupWidths: readonly number[];
  /** How many times their output channels they are wide inside. */
  bottleneckMultipliers: readonly number[];
  /** Step of the first block's 3×3 convolution, in pixels. */
  strides: readonly number[];
  seRatio?: number;
}

/**
 * The stages that a line of widths makes: torchvision's BlockParams.from_init_params. Each block's width on the line is
 * replaced by the nearest `w0 · wmᵏ`, rounded to a multiple of 8; neighbours of one width are a stage, and its width is
 * fitted to its groups'. In the reference's 32-bit arithmetic, since a width is rounded twice on the way.
 *
 * @throws {RangeError} naming the number that cannot be
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const { depths, widths } = models.blockParams({ depth: 16, w0: 48, wa: 27.89, wm: 2.09, groupWidth: 8 });
 * console.log(depths, widths); // [ 1, 3, 6, 6 ] [ 48, 104, 208, 440 ]
 * ```
 */
export function blockParams(line: RegNetLine): BlockParams {
  checkLine(line);
  const { depth, w0, wa, wm, groupWidth, bottleneckMultiplier = 1, seRatio } = line;
  const round32 = Math.fround;
  const blockWidths = Array.from({ length: depth }, (_, block) => {
    const onLine = round32(round32(block * round32(wa)) + w0);
    const power = roundHalfEven(round32(round32(Math.log(round32(onLine / w0))) / round32(Math.log(wm))));
    return 8 * roundHalfEven(round32(round32(w0 * round32(round32(wm) ** power)) / 8));
  });
  const stageWidths = [...new Set(blockWidths)]; // they never fall
  const groupWidths = stageWidths.map((width) => Math.min(groupWidth, Math.trunc(width * bottleneckMultiplier)));
  const widths = stageWidths.map((width, stage) => {
    const inside = makeDivisible(Math.trunc(width * bottleneckMultiplier), groupWidths[stage]);
    return Math.trunc(inside / bottleneckMultiplier);
  });
  return {
    depths: stageWidths.map((width) => blockWidths.filter((one) => one === width).length),
    widths,
    groupWidths,
    bottleneckMultipliers: stageWidths.map(() => bottleneckMultiplier),
    strides: stageWidths.map(() => 2),
    seRatio,
  };
}

function checkLine(line: RegNetLine): void {
  checkOptions("make a RegNet's stages", line, [
    "depth",
    "w0",
    "wa",
    "wm",
    "groupWidth",
    "bottleneckMultiplier",
    "seRatio",
  ]);
  const { depth, w0, wa, wm, groupWidth, bottleneckMultiplier = 1, seRatio } = line;
  const whole = (value: number) => Number.isInteger(value) && value > 0;
  const number = (value: number) => typeof value === "number" && Number.isFinite(value);
  const fail = (expected: string, found: unknown): never => {
    throw new RangeError(`Cannot make a RegNet's stages: expected ${expected}, found ${JSON.stringify(found)}`);
  };
  if (!whole(depth)) fail("depth to be a whole number ≥ 1", depth);
  if (!whole(w0) || w0 % 8) fail("w0 to be a multiple of 8", w0);
  if (!number(wa) || wa < 0) fail("wa to be a number ≥ 0", wa);
  if (!number(wm) || wm <= 1) fail("wm to be a number above 1", wm);
  if (!whole(groupWidth)) fail("groupWidth to be a whole number ≥ 1", groupWidth);
  if (!number(bottleneckMultiplier) || bottleneckMultiplier <= 0) {
    fail("bottleneckMultiplier to be a number above 0", bottleneckMultiplier);
  }
  if (seRatio !== undefined && (!number(seRatio) || seRatio < 0)) fail("seRatio to be a number ≥ 0", seRatio);
}

/** As Python and torch round: halves to the even neighbour. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** Makes an activation. */
export type ActivationLayer = (options?: nn.ActivationOptions) => nn.Module;

/** The layers that a RegNet is made of. */
export interface RegNetLayers {
  /** Batch normalization unless given. */
  normLayer?: NormLayer;
  /** ReLU unless given. */
  activation?: ActivationLayer;
}

// Initial weights keep the variance of what flows backward; RegNet's convolutions all start so, torchvision's SE ones too.
const init = nn.init.kaimingNormal("fan_out");
const batchNorm: NormLayer = (channels) => new nn.BatchNorm2d(channels);
const relu: ActivationLayer = (options) => new nn.ReLU(options);

/** Half the height and width by one 3×3 convolution. */
export class SimpleStemIN extends Conv2dNormActivation {
  constructor(widthIn: number, widthOut: number, { normLayer = batchNorm, activation = relu }: RegNetLayers = {}) {
    super(widthIn, widthOut, { stride: 2, normLayer, activationLayer: () => activation({ inplace: true }), init });
  }
}

/** What one block of a RegNet is like. */
export interface RegNetBlock {
  widthIn: number;
  widthOut: number;
  /** Step of the 3×3 convolution, in pixels. */
  stride: number;
  groupWidth: number;
  bottleneckMultiplier: number;
  seRatio?: number;
}

/** A 1×1 convolution, a grouped 3×3, squeeze-and-excitation where there is any, and a 1×1 without activation. */
export class BottleneckTransform extends nn.Sequential {
  constructor(block: RegNetBlock, { normLayer = batchNorm, activation = relu }: RegNetLayers = {}) {
    const { widthIn, widthOut, stride, groupWidth, bottleneckMultiplier, seRatio } = block;
    const width = roundHalfEven(widthOut * bottleneckMultiplier);
    const layers = { normLayer, activationLayer: () => activation({ inplace: true }), init };
    // by the block's input, where MBConv and others go by the width inside
    const squeezed = seRatio ? roundHalfEven(seRatio * widthIn) : 0;
    super({
      a: new Conv2dNormActivation(widthIn, width, { kernelSize: 1, ...layers }),
      b: new Conv2dNormActivation(width, width, { stride, groups: Math.floor(width / groupWidth), ...layers }),
      ...(seRatio ? { se: new SqueezeExcitation(width, squeezed, { activation: () => activation(), init }) } : {}),
      c: new Conv2dNormActivation(width, widthOut, { kernelSize: 1, ...layers, activationLayer: null }),
    });
  }
}

/** A {@linkcode BottleneckTransform}, its input added, and an activation. */
export class ResBottleneckBlock extends nn.Module {
  /** Brings the input to the output's shape where the two differ. */
  proj: Conv2dNormActivation | null;
  f: BottleneckTransform;
  activation: nn.Module;

  constructor(block: RegNetBlock, layers: RegNetLayers = {}) {
    super();
    const { normLayer = batchNorm, activation = relu } = layers;
    const { widthIn, widthOut, stride } = block;
    this.proj = widthIn !== widthOut || stride !== 1
      ? new Conv2dNormActivation(widthIn, widthOut, { kernelSize: 1, stride, normLayer, activationLayer: null, init })
      : null;
    this.f = new BottleneckTransform(block, layers);
    this.activation = activation({ inplace: true });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const shortcut = this.proj ? this.proj.forward(x) : x;
    return this.activation.forward(this.f.forward(x).add(shortcut));
  }
}

/** Blocks of one width; the first has the stage's stride and input channels. */
export class AnyStage extends nn.Sequential {
  /**
   * @param depth how many blocks
   * @param index the stage's number, from 1, by which its blocks are named
   */
  constructor(first: RegNetBlock, depth: number, index: number, layers: RegNetLayers = {}) {
    const further = { ...first, widthIn: first.widthOut, stride: 1 };
    const blocks = Array.from({ length: depth }, (_, i) => [`block${index}-${i}`, i === 0 ? first : further] as const);
    super(Object.fromEntries(blocks.map(([name, block]) => [name, new ResBottleneckBlock(block, layers)])));
  }
}

/** Options that a RegNet builder takes besides those of every builder. */
export interface RegNetOptions {
  /** Channels of the first convolution; 32. */
  stemWidth?: number;
}

/** Options of {@linkcode RegNet}, in torchvision's order. */
export interface RegNetArguments extends RegNetOptions, RegNetLayers {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
}

/**
 * A RegNet for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const stages = models.blockParams({ depth: 4, w0: 16, wa: 12, wm: 2, groupWidth: 8, seRatio: 0.25 });
 * const small = new models.RegNet(stages, { numClasses: 9, stemWidth: 16 });
 * console.log(small.trunk_output.length, small.fc.inFeatures); // 3 64
 * ```
 */
export class RegNet extends nn.Module {
  stem: nn.Module;
  trunk_output: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d([1, 1]);
  fc: nn.Linear;

  /**
   * @param params what the stages are like; {@linkcode blockParams} makes it
   * @throws {TypeError | RangeError} naming the option that cannot be
   */
  constructor(params: BlockParams, options: RegNetArguments = {}) {
    super();
    checkOptions("make RegNet", options, ["numClasses", "stemWidth", "normLayer", "activation"]);
    const { numClasses = 1000, stemWidth = 32, ...layers } = options;
    checkWhole("RegNet", "stemWidth", stemWidth, 1);
    if (layers.normLayer) checkNormLayer("RegNet", layers.normLayer);
    this.stem = new SimpleStemIN(3, stemWidth, layers);
    const stages = params.widths.map((widthOut, i) => {
      const first = {
        widthIn: i === 0 ? stemWidth : params.widths[i - 1],
        widthOut,
        stride: params.strides[i],
        groupWidth: params.groupWidths[i],
        bottleneckMultiplier: params.bottleneckMultipliers[i],
        seRatio: params.seRatio,
      };
      return [`block${i + 1}`, new AnyStage(first, params.depths[i], i + 1, layers)];
    });
    this.trunk_output = new nn.Sequential(Object.fromEntries(stages));
    this.fc = new nn.Linear(params.widths.at(-1)!, numClasses, {
      init: nn.init.normal(0, 0.01),
      biasInit: nn.init.constant(0),
    });
  }

  override stages(): nn.Stage[] {
    return [
      nn.stage(this, "stem"),
      ...this.trunk_output.namedChildren().map(([name]) => nn.stage(this, `trunk_output.${name}`)),
      pooledStage(this),
      nn.stage(this, "fc"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

function variant(name: keyof typeof regnetWeights, line: RegNetLine): Builder<RegNet, RegNetOptions> {
  return builder<RegNet, RegNetOptions>({
    name,
    family: line.seRatio === undefined ? "RegNetX" : "RegNetY",
    paper: {
      title: "Designing Network Design Spaces",
      authors: "Radosavovic, Kosaraju, Girshick, He, Dollár",
      year: 2020,
      url: "https://arxiv.org/abs/2003.13678",
    },
    head: "fc",
    weights: regnetWeights[name],
    options: { stemWidth: "channels of the first convolution; 32" },
    build: (options) => new RegNet(blockParams(line), options),
  });
}

/**
 * RegNetY-400MF: the smallest with squeeze-and-excitation, 400 million multiplications for a picture.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.regnet_y_400mf(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.fc = new nn.Linear(model.fc.inFeatures, 9);
 * console.log(model.stages().map(({ name }) => name).slice(0, 3)); // [ "stem", "trunk_output.block1", "trunk_output.block2" ]
 * ```
 */
export const regnet_y_400mf: Builder<RegNet, RegNetOptions> = variant("regnet_y_400mf", {
  depth: 16,
  w0: 48,
  wa: 27.89,
  wm: 2.09,
  groupWidth: 8,
  seRatio: 0.25,
});

/** RegNetY-800MF: with squeeze-and-excitation, 800 million multiplications for a picture. */
export const regnet_y_800mf: Builder<RegNet, RegNetOptions> = variant("regnet_y_800mf", {
  depth: 14,
  w0: 56,
  wa: 38.84,
  wm: 2.4,
  groupWidth: 16,
  seRatio: 0.25,
});

/** RegNetY-1.6GF: with squeeze-and-excitation, 1.6 billion multiplications for a picture. */
export const regnet_y_1_6gf: Builder<RegNet, RegNetOptions> = variant("regnet_y_1_6gf", {
  depth: 27,
  w0: 48,
  wa: 20.71,
  wm: 2.65,
  groupWidth: 24,
  seRatio: 0.25,
});

/** RegNetY-3.2GF: with squeeze-and-excitation, 3.2 billion multiplications for a picture. */
export const regnet_y_3_2gf: Builder<RegNet, RegNetOptions> = variant("regnet_y_3_2gf", {
  depth: 21,
  w0: 80,
  wa: 42.63,
  wm: 2.66,
  groupWidth: 24,
  seRatio: 0.25,
});

/** RegNetY-8GF: with squeeze-and-excitation, 8 billion multiplications for a picture. */
export const regnet_y_8gf: Builder<RegNet, RegNetOptions> = variant("regnet_y_8gf", {
  depth: 17,
  w0: 192,
  wa: 76.82,
  wm: 2.19,
  groupWidth: 56,
  seRatio: 0.25,
});

/** RegNetY-16GF: with squeeze-and-excitation, 16 billion multiplications for a picture. */
export const regnet_y_16gf: Builder<RegNet, RegNetOptions> = variant("regnet_y_16gf", {
  depth: 18,
  w0: 200,
  wa: 106.23,
  wm: 2.48,
  groupWidth: 112,
  seRatio: 0.25,
});

/** RegNetY-32GF: with squeeze-and-excitation, 32 billion multiplications for a picture. */
export const regnet_y_32gf: Builder<RegNet, RegNetOptions> = variant("regnet_y_32gf", {
  depth: 20,
  w0: 232,
  wa: 115.89,
  wm: 2.53,
  groupWidth: 232,
  seRatio: 0.25,
});

/** RegNetY-128GF: with squeeze-and-excitation, 128 billion multiplications for a picture. */
export const regnet_y_128gf: Builder<RegNet, RegNetOptions> = variant("regnet_y_128gf", {
  depth: 27,
  w0: 456,
  wa: 160.83,
  wm: 2.52,
  groupWidth: 264,
  seRatio: 0.25,
});

/** RegNetX-400MF: without squeeze-and-excitation, 400 million multiplications for a picture. */
export const regnet_x_400mf: Builder<RegNet, RegNetOptions> = variant("regnet_x_400mf", {
  depth: 22,
  w0: 24,
  wa: 24.48,
  wm: 2.54,
  groupWidth: 16,
});

/** RegNetX-800MF: without squeeze-and-excitation, 800 million multiplications for a picture. */
export const regnet_x_800mf: Builder<RegNet, RegNetOptions> = variant("regnet_x_800mf", {
  depth: 16,
  w0: 56,
  wa: 35.73,
  wm: 2.28,
  groupWidth: 16,
});

/** RegNetX-1.6GF: without squeeze-and-excitation, 1.6 billion multiplications for a picture. */
export const regnet_x_1_6gf: Builder<RegNet, RegNetOptions> = variant("regnet_x_1_6gf", {
  depth: 18,
  w0: 80,
  wa: 34.01,
  wm: 2.25,
  groupWidth: 24,
});

/** RegNetX-3.2GF: without squeeze-and-excitation, 3.2 billion multiplications for a picture. */
export const regnet_x_3_2gf: Builder<RegNet, RegNetOptions> = variant("regnet_x_3_2gf", {
  depth: 25,
  w0: 88,
  wa: 26.31,
  wm: 2.25,
  groupWidth: 48,
});

/** RegNetX-8GF: without squeeze-and-excitation, 8 billion multiplications for a picture. */
export const regnet_x_8gf: Builder<RegNet, RegNetOptions> = variant("regnet_x_8gf", {
  depth: 23,
  w0: 80,
  wa: 49.56,
  wm: 2.88,
  groupWidth: 120,
});

/** RegNetX-16GF: without squeeze-and-excitation, 16 billion multiplications for a picture. */
export const regnet_x_16gf: Builder<RegNet, RegNetOptions> = variant("regnet_x_16gf", {
  depth: 22,
  w0: 216,
  wa: 55.59,
  wm: 2.1,
  groupWidth: 128,
});

/** RegNetX-32GF: without squeeze-and-excitation, 32 billion multiplications for a picture. */
export const regnet_x_32gf: Builder<RegNet, RegNetOptions> = variant("regnet_x_32gf", {
  depth: 23,
  w0: 320,
  wa: 69.86,
  wm: 2,
  groupWidth: 168,
});

nn.nameClasses("torchvision.models.regnet", {
  SimpleStemIN,
  BottleneckTransform,
  ResBottleneckBlock,
  AnyStage,
  RegNet,
});
