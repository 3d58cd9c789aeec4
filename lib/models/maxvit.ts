import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkSize, checkWhole, pair } from "../nn/pair.ts";
import { Conv2dNormActivation } from "./blocks/conv2d_norm_activation.ts";
import { mergeHeads, splitHeads } from "./blocks/heads.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { relativePositionBias, relativePositionIndex } from "./blocks/relative_position.ts";
import { SqueezeExcitation } from "./blocks/squeeze_excitation.ts";
import { StochasticDepth } from "./blocks/stochastic_depth.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer, checkPositive, checkProbability } from "./check_values.ts";
import { maxvitWeights } from "./tables/maxvit.ts";

/**
 * MaxViT (Tu et al. 2022): a network whose every layer looks at a picture in three ways: convolutions see what is near, attention
 * within windows what is a little farther off, and attention along a grid, to every eighth pixel say, the whole.
 *
 * @module
 */

// How all convolutions and linear layers start.
const init = nn.init.normal(0, 0.02);
const biasInit = nn.init.constant(0);

const batchNorm: NormLayer = (channels) => new nn.BatchNorm2d(channels, { eps: 1e-3, momentum: 0.01 });

/** What is the same in all layers of a network. */
export interface MaxVitSettings {
  /** Channels of an attention head. */
  headDim: number;
  /** Height and width of a window, and the number of pixels of the grid along each side. */
  partitionSize: number;
  /** Width of the squeezed channels, as a share of the output's. */
  squeezeRatio: number;
  /** How many times the output's channels the convolutions are wide inside. */
  expansionRatio: number;
  /** How many times its channels the attention's perceptron is wide inside. */
  mlpRatio: number;
  mlpDropout: number;
  attentionDropout: number;
  normLayer: NormLayer;
  activationLayer: () => nn.Module;
}

/**
 * MaxViT's inverted bottleneck: that of EfficientNet with the normalization in front and, where it halves height and width, an
 * average pooling beside it.
 */
class MBConv extends nn.Module {
  proj: nn.Module;
  stochastic_depth: nn.Module;
  layers: nn.Sequential;

  /**
   * @param stride 2 halves height and width
   * @param stochasticDepth the probability that training leaves the convolutions out
   */
  constructor(
    inChannels: number,
    outChannels: number,
    stride: number,
    stochasticDepth: number,
    { expansionRatio, squeezeRatio, normLayer, activationLayer }: MaxVitSettings,
  ) {
    super();
    const pool = stride === 2 ? [new nn.AvgPool2d(3, { stride, padding: 1 })] : [];
    this.proj = stride !== 1 || inChannels !== outChannels
      ? new nn.Sequential(...pool, new nn.Conv2d(inChannels, outChannels, 1, { init, biasInit }))
      : new nn.Identity();
    this.stochastic_depth = stochasticDepth > 0 ? new StochasticDepth(stochasticDepth, "row") : new nn.Identity();
    const width = Math.floor(outChannels * expansionRatio);
    const layers = { normLayer, activationLayer, init };
    this.layers = new nn.Sequential({
      pre_norm: normLayer(inChannels),
      conv_a: new Conv2dNormActivation(inChannels, width, { kernelSize: 1, ...layers }),
      conv_b: new Conv2dNormActivation(width, width, { kernelSize: 3, stride, groups: width, ...layers }),
      squeeze_excitation: new SqueezeExcitation(width, Math.floor(outChannels * squeezeRatio), {
        activation: () => new nn.SiLU(),
        init,
        biasInit,
      }),
      conv_c: new nn.Conv2d(width, outChannels, 1, { init, biasInit }),
    });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.proj.forward(x).add(this.stochastic_depth.forward(this.layers.forward(x)));
  }
}

/**
 * Self-attention with several heads among the P pixels of each of G groups, `[N, G, P, C]`; a learned table says what is added for
 * each relative position of two pixels.
 */
export class RelativePositionalMultiHeadAttention extends nn.Module {
  to_qkv: nn.Linear;
  merge: nn.Linear;
  relative_position_bias_table: nn.Parameter;
  relative_position_index: nn.IndexBuffer;

  /**
   * @param featDim channels of input and output
   * @param headDim channels of a head
   * @param maxSeqLen pixels of a group, the square of a whole number
   * @throws {RangeError} where the heads do not divide the channels
   */
  constructor(readonly featDim: number, readonly headDim: number, readonly maxSeqLen: number) {
    super();
    if (featDim % headDim) {
      throw new RangeError(
        `Cannot make RelativePositionalMultiHeadAttention: expected featDim divisible by headDim ${headDim}, ` +
          `found ${featDim}`,
      );
    }
    const side = Math.floor(Math.sqrt(maxSeqLen));
    this.to_qkv = new nn.Linear(featDim, 3 * featDim, { init, biasInit });
    this.merge = new nn.Linear(featDim, featDim, { init, biasInit });
    const distances = (2 * side - 1) ** 2;
    this.relative_position_bias_table = new nn.Parameter(
      [distances, featDim / headDim],
      nn.init.truncatedNormal(0.02),
    );
    this.relative_position_index = new nn.IndexBuffer([side ** 2, side ** 2], relativePositionIndex([side, side]));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [n, groups, pixels, channels] = x.shape;
    if (x.rank !== 4 || pixels !== this.maxSeqLen || channels !== this.featDim) {
      throw new TypeError(
        `expected input [N, groups, ${this.maxSeqLen}, ${this.featDim}], found [${x.shape.join(", ")}]`,
      );
    }
    const qkv = this.to_qkv.forward(x.reshape([n * groups, pixels, channels]));
    const [q, k, v] = splitHeads(qkv, channels / this.headDim);
    const attended = nn.functional.scaledDotProductAttention(q, k, v, {
      bias: relativePositionBias(this.relative_position_bias_table.value, this.relative_position_index),
      scale: 1 / Math.sqrt(this.featDim), // of all channels, not of a head's
    });
    return this.merge.forward(mergeHeads(attended)).reshape(x.shape);
  }
}

/** Exchanges two axes of a tensor. */
export class SwapAxes extends nn.Module {
  constructor(readonly a: number, readonly b: number) {
    super();
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const axes = x.shape.map((_, axis) => axis);
    const [a, b] = [axes.at(this.a)!, axes.at(this.b)!];
    [axes[a], axes[b]] = [b, a];
    return tf.transpose(x, axes);
  }
}

/** Cuts feature maps `[N, H, W, C]` into squares of P × P pixels: `[N, H / P · W / P, P · P, C]`. */
export class WindowPartition extends nn.Module {
  /** @param size P */
  constructor(readonly size: number) {
    super();
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [n, height, width, channels] = x.shape;
    const [rows, columns] = [height / this.size, width / this.size];
    const strips = x.reshape<tf.Tensor4D>([n * rows, this.size, columns, this.size * channels]);
    return tf.transpose(strips, [0, 2, 1, 3]).reshape([n, rows * columns, this.size ** 2, channels]);
  }
}

/** Puts squares of P × P pixels `[N, rows · columns, P · P, C]` together again: `[N, rows · P, columns · P, C]`. */
export class WindowDepartition extends nn.Module {
  /**
   * @param size P
   * @param rows how many squares lie below each other
   * @param columns how many lie side by side
   */
  constructor(readonly size: number, readonly rows: number, readonly columns: number) {
    super();
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const { size, rows, columns } = this;
    const [n, , , channels] = x.shape;
    const squares = x.reshape<tf.Tensor4D>([n * rows, columns, size, size * channels]);
    return tf.transpose(squares, [0, 2, 1, 3]).reshape([n, rows * size, columns * size, channels]);
  }
}

/**
 * Attention among groups of pixels of a feature map, then a two-layer perceptron in each place, each normalized in front and
 * added to its input. A group is a window of `partitionSize` × `partitionSize` neighbours, or (`"grid"`) as many pixels that lie
 * evenly over the whole map.
 */
export class PartitionAttentionLayer extends nn.Module {
  partition_op: WindowPartition;
  departition_op: WindowDepartition;
  partition_swap: nn.Module;
  departition_swap: nn.Module;
  attn_layer: nn.Sequential;
  mlp_layer: nn.Sequential;
  stochastic_dropout: StochasticDepth;

  /**
   * @param inChannels channels of input and output
   * @param partitionType what the groups are
   * @param gridSize height and width of the map, in pixels
   * @param stochasticDepth the probability that training leaves out the attention, and that for the perceptron
   * @throws {RangeError} where the map cannot be divided so, or another argument cannot be
   */
  constructor(
    inChannels: number,
    readonly partitionType: "window" | "grid",
    readonly gridSize: readonly [number, number],
    stochasticDepth: number,
    { headDim, partitionSize, mlpRatio, activationLayer, attentionDropout, mlpDropout }: MaxVitSettings,
  ) {
    super();
    const fail = (expected: string, found: unknown): never => {
      throw new RangeError(
        `Cannot make PartitionAttentionLayer: expected ${expected}, found ${JSON.stringify(found)}`,
      );
    };
    const [height, width] = gridSize;
    if (partitionType !== "window" && partitionType !== "grid") {
      fail('partitionType to be "window" or "grid"', partitionType);
    }
    if (height % partitionSize || width % partitionSize) {
      fail(`gridSize to be multiples of partitionSize ${partitionSize}`, gridSize);
    }
    if (partitionType === "grid" && height !== width) fail("gridSize to be square for a grid", gridSize);
    const isGrid = partitionType === "grid";
    const size = isGrid ? height / partitionSize : partitionSize;
    this.partition_op = new WindowPartition(size);
    this.departition_op = new WindowDepartition(size, height / size, width / size);
    // With the axes exchanged, the pixels in the same place of each square are a group: they lie on a grid.
    this.partition_swap = isGrid ? new SwapAxes(-2, -3) : new nn.Identity();
    this.departition_swap = isGrid ? new SwapAxes(-2, -3) : new nn.Identity();
    this.attn_layer = new nn.Sequential(
      new nn.LayerNorm(inChannels),
      new RelativePositionalMultiHeadAttention(inChannels, headDim, partitionSize ** 2),
      new nn.Dropout(attentionDropout),
    );
    this.mlp_layer = new nn.Sequential(
      new nn.LayerNorm(inChannels),
      new nn.Linear(inChannels, inChannels * mlpRatio, { init, biasInit }),
      activationLayer(),
      new nn.Linear(inChannels * mlpRatio, inChannels, { init, biasInit }),
      new nn.Dropout(mlpDropout),
    );
    this.stochastic_dropout = new StochasticDepth(stochasticDepth, "row");
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const [height, width] = this.gridSize;
    if (x.rank !== 4 || x.shape[1] !== height || x.shape[2] !== width) {
      throw new TypeError(
        `expected feature maps of ${height}×${width} pixels, found [${
          x.shape.join(", ")
        }]; make the network with the ` +
          "inputSize of its pictures",
      );
    }
    const groups = this.partition_swap.forward(this.partition_op.forward(x));
    const y = groups.add(this.stochastic_dropout.forward(this.attn_layer.forward(groups)));
    const z = y.add(this.stochastic_dropout.forward(this.mlp_layer.forward(y)));
    return this.departition_op.forward(this.departition_swap.forward(z));
  }
}

/** The three ways to look at a picture, one after the other: convolutions, windows, a grid. */
export class MaxVitLayer extends nn.Module {
  layers: nn.Sequential;

  /** @param gridSize height and width of the output, in pixels */
  constructor(
    inChannels: number,
    outChannels: number,
    stride: number,
    gridSize: readonly [number, number],
    stochasticDepth: number,
    settings: MaxVitSettings,
  ) {
    super();
    this.layers = new nn.Sequential({
      MBconv: new MBConv(inChannels, outChannels, stride, stochasticDepth, settings),
      window_attention: new PartitionAttentionLayer(outChannels, "window", gridSize, stochasticDepth, settings),
      grid_attention: new PartitionAttentionLayer(outChannels, "grid", gridSize, stochasticDepth, settings),
    });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.layers.forward(x);
  }
}

/** Layers of one width; the first halves height and width. */
export class MaxVitBlock extends nn.Module {
  layers: nn.ModuleList;

  /**
   * @param gridSize height and width of the output, in pixels
   * @param stochasticDepths for each layer the probability that training leaves its branches out
   */
  constructor(
    inChannels: number,
    outChannels: number,
    readonly gridSize: readonly [number, number],
    stochasticDepths: readonly number[],
    settings: MaxVitSettings,
  ) {
    super();
    this.layers = new nn.ModuleList(stochasticDepths.map((stochasticDepth, i) => {
      const [width, stride] = i === 0 ? [inChannels, 2] : [outChannels, 1];
      return new MaxVitLayer(width, outChannels, stride, gridSize, stochasticDepth, settings);
    }));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return [...this.layers].reduce((value, layer) => layer.forward(value), x);
  }
}

/** Options that a MaxViT builder takes besides those of every builder. */
export interface MaxVitOptions {
  /** Height and width of the pictures; `[224, 224]`. Both are the same, and the last feature maps' divide by 7. */
  inputSize?: nn.Size2d;
  /** The probability with which training leaves out each part of the last layer, falling to 0 at the first; 0.2. */
  stochasticDepthProb?: number;
  /** Width of the squeezed channels in squeeze-and-excitation, as a share of the layer's; 0.25. */
  squeezeRatio?: number;
  /** How many times the layer's channels the convolutions are wide inside; 4. */
  expansionRatio?: number;
  /** How many times the layer's channels the attention's perceptron is wide inside; 4. */
  mlpRatio?: number;
  /** The probability with which training drops a feature behind a perceptron; 0. */
  mlpDropout?: number;
  /** The probability with which training drops a feature behind the attention; 0. */
  attentionDropout?: number;
}

/** What a {@linkcode MaxVit} is made of, and its options. */
export interface MaxVitArguments extends MaxVitOptions {
  /** Channels of the first two convolutions. */
  stemChannels: number;
  /** Height and width of a window, and the number of pixels of the grid along each side. */
  partitionSize: number;
  /** Channels of each block. */
  blockChannels: readonly number[];
  /** How many layers each block has. */
  blockLayers: readonly number[];
  /** Channels of an attention head. */
  headDim: number;
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** The convolutions' normalization; batch normalization unless given. */
  normLayer?: NormLayer;
  /** The activation; GELU unless given. */
  activationLayer?: () => nn.Module;
}

const known = [
  "inputSize",
  "stemChannels",
  "partitionSize",
  "blockChannels",
  "blockLayers",
  "headDim",
  "stochasticDepthProb",
  "normLayer",
  "activationLayer",
  "squeezeRatio",
  "expansionRatio",
  "mlpRatio",
  "mlpDropout",
  "attentionDropout",
  "numClasses",
] as const;

/**
 * A MaxViT for pictures `[N, H, W, 3]` of one size: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const small = new models.MaxVit({
 *   inputSize: 56,
 *   stemChannels: 16,
 *   partitionSize: 7,
 *   blockChannels: [16, 32],
 *   blockLayers: [1, 1],
 *   headDim: 8,
 *   numClasses: 9,
 * });
 * console.log(small.stages().map(({ name }) => name).join(" ")); // stem blocks.0 blocks.1 classifier
 * ```
 */
export class MaxVit extends nn.Module {
  stem: nn.Sequential;
  blocks: nn.ModuleList;
  classifier: nn.Sequential;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(options: MaxVitArguments) {
    super();
    checkOptions("make MaxVit", options, known);
    const { stemChannels, blockChannels, blockLayers, normLayer = batchNorm, numClasses = 1000 } = options;
    const { activationLayer = () => new nn.GELU(), inputSize = 224, stochasticDepthProb = 0.2 } = options;
    const settings = { ...settingsOf(options), normLayer, activationLayer };
    checkWhole("MaxVit", "stemChannels", stemChannels, 1);
    checkBlocks(blockChannels, blockLayers);
    checkProbability("MaxVit", "stochasticDepthProb", stochasticDepthProb);
    checkNormLayer("MaxVit", normLayer);
    const gridSizes = gridSizesOf(inputSize, blockChannels.length, settings.partitionSize);
    this.stem = new nn.Sequential(
      new Conv2dNormActivation(3, stemChannels, { stride: 2, normLayer, activationLayer, init }),
      new Conv2dNormActivation(stemChannels, stemChannels, { normLayer: null, activationLayer: null, init, biasInit }),
    );
    const shares = rising(stochasticDepthProb, blockLayers.reduce((sum, layers) => sum + layers, 0));
    this.blocks = new nn.ModuleList(blockChannels.map((channels, i) => {
      const inChannels = i === 0 ? stemChannels : blockChannels[i - 1];
      return new MaxVitBlock(inChannels, channels, gridSizes[i], shares.splice(0, blockLayers[i]), settings);
    }));
    const width = blockChannels.at(-1)!;
    this.classifier = new nn.Sequential(
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
      new nn.LayerNorm(width),
      new nn.Linear(width, width, { init, biasInit }),
      new nn.Tanh(),
      new nn.Linear(width, numClasses, { bias: false, init }),
    );
  }

  override stages(): nn.Stage[] {
    return [
      nn.stage(this, "stem"),
      ...this.blocks.namedChildren().map(([index]) => nn.stage(this, `blocks.${index}`)),
      nn.stage(this, "classifier"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

/** So many numbers from 0 to `last`, evenly; a single one is 0. */
function rising(last: number, count: number): number[] {
  const step = last / Math.max(1, count - 1);
  return Array.from({ length: count }, (_, i) => i > 0 && i === count - 1 ? last : i * step);
}

function settingsOf(options: MaxVitArguments): Omit<MaxVitSettings, "normLayer" | "activationLayer"> {
  const { headDim, partitionSize, squeezeRatio = 0.25, expansionRatio = 4, mlpRatio = 4 } = options;
  const { mlpDropout = 0, attentionDropout = 0 } = options;
  checkWhole("MaxVit", "headDim", headDim, 1);
  checkWhole("MaxVit", "partitionSize", partitionSize, 1);
  checkPositive("MaxVit", "squeezeRatio", squeezeRatio);
  checkPositive("MaxVit", "expansionRatio", expansionRatio);
  checkWhole("MaxVit", "mlpRatio", mlpRatio, 1);
  checkProbability("MaxVit", "mlpDropout", mlpDropout);
  checkProbability("MaxVit", "attentionDropout", attentionDropout);
  return { headDim, partitionSize, squeezeRatio, expansionRatio, mlpRatio, mlpDropout, attentionDropout };
}

function checkBlocks(channels: readonly number[], layers: readonly number[]): void {
  const whole = (list: readonly number[]) =>
    Array.isArray(list) && list.length > 0 && list.every((n) => Number.isInteger(n) && n > 0);
  if (whole(channels) && whole(layers) && channels.length === layers.length) return;
  throw new TypeError(
    "Cannot make MaxVit: expected blockChannels and blockLayers to be as many numbers of channels and of layers, " +
      `found ${JSON.stringify(channels)} and ${JSON.stringify(layers)}`,
  );
}

/** Height and width of each block's feature maps, which must divide into windows and into a grid. */
function gridSizesOf(inputSize: nn.Size2d, blocks: number, partitionSize: number): [number, number][] {
  checkSize("MaxVit", "inputSize", inputSize, 1);
  const [height, width] = pair(inputSize);
  const fit = partitionSize * 2 ** (blocks + 1);
  const fail = (expected: string, found: string): never => {
    throw new RangeError(
      `Cannot make MaxVit: expected ${expected}, found ${found}; take a multiple of ${fit} for height and width`,
    );
  };
  if (height !== width) fail("inputSize to be square, since the grids are", `[${height}, ${width}]`);
  // A 3×3 convolution with a stride of 2 and a padding of 1 halves and rounds up; the stem has one, and each block.
  const sides = Array.from({ length: blocks }, (_, block) => Math.ceil(height / 2 ** (block + 2)));
  const wrong = sides.findIndex((side) => side % partitionSize !== 0);
  if (wrong >= 0) {
    fail(
      `inputSize to make feature maps that divide into partitions of ${partitionSize}×${partitionSize} pixels`,
      `[${height}, ${width}], whose maps in block ${wrong} have ${sides[wrong]}×${sides[wrong]}`,
    );
  }
  return sides.map((side) => [side, side]);
}

/**
 * MaxViT-T.
 *
 * @example
 * ```ts
 * import { freeze, models, nn } from "thaw";
 *
 * const model = models.maxvit_t(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[5] = new nn.Linear(512, 9);
 * console.log(freeze(model, { until: "blocks.3.layers.1" }).trainable); // 9230249
 * ```
 */
export const maxvit_t: Builder<MaxVit, MaxVitOptions> = builder<MaxVit, MaxVitOptions>({
  name: "maxvit_t",
  family: "MaxViT",
  paper: {
    title: "MaxViT: Multi-Axis Vision Transformer",
    authors: "Tu, Talebi, Zhang, Yang, Milanfar, Bovik, Li",
    year: 2022,
    url: "https://arxiv.org/abs/2204.01697",
  },
  head: "classifier.5",
  weights: maxvitWeights.maxvit_t,
  options: {
    inputSize: "height and width of the pictures, a multiple of 224; [224, 224]",
    stochasticDepthProb:
      "the probability with which training leaves out each part of the last layer, falling to 0 at the first; 0.2",
    squeezeRatio: "width of the squeezed channels in squeeze-and-excitation, as a share of the layer's; 0.25",
    expansionRatio: "how many times the layer's channels the convolutions are wide inside; 4",
    mlpRatio: "how many times the layer's channels the attention's perceptron is wide inside; 4",
    mlpDropout: "the probability with which training drops a feature behind a perceptron; 0",
    attentionDropout: "the probability with which training drops a feature behind the attention; 0",
  },
  build: (options) =>
    new MaxVit({
      stemChannels: 64,
      blockChannels: [64, 128, 256, 512],
      blockLayers: [2, 2, 5, 2],
      headDim: 32,
      partitionSize: 7,
      ...options,
    }),
});

nn.nameClasses("torchvision.models.maxvit", {
  MBConv,
  RelativePositionalMultiHeadAttention,
  SwapAxes,
  WindowPartition,
  WindowDepartition,
  PartitionAttentionLayer,
  MaxVitLayer,
  MaxVitBlock,
  MaxVit,
});
