import * as tf from "@tensorflow/tfjs";
import { pad2d } from "../engine/ops/conv2d.ts";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkSize, checkWhole } from "../nn/pair.ts";
import { MLP } from "./blocks/mlp.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { Permute } from "./blocks/permute.ts";
import {
  ShiftedWindowAttention,
  type ShiftedWindowAttentionOptions,
  ShiftedWindowAttentionV2,
  WindowAttention,
} from "./blocks/shifted_window_attention.ts";
import type { Sides } from "./blocks/shifted_windows.ts";
import { StochasticDepth } from "./blocks/stochastic_depth.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer, checkPositive, checkProbability } from "./check_values.ts";
import { swinWeights } from "./tables/swin.ts";

export {
  ShiftedWindowAttention,
  type ShiftedWindowAttentionOptions,
  ShiftedWindowAttentionV2,
  type Sides,
  WindowAttention,
};

/**
 * Swin (Liu et al. 2021): a transformer for pictures that works as a convolutional network does, from small patches to large
 * ones, with attention only within windows, which move from one block to the next. Swin V2 (Liu et al. 2022) changes the
 * attention and normalizes behind it, so that much larger networks still train.
 *
 * @module
 */

const layerNorm: NormLayer = (channels) => new nn.LayerNorm(channels);

// How all linear layers start.
const init = nn.init.truncatedNormal(0.02);
const biasInit = nn.init.constant(0);

/** Makes what halves height and width between two rows of blocks. */
export type DownsampleLayer = new (dim: number, normLayer?: NormLayer) => nn.Module;

/**
 * Makes one patch of four, `[N, H, W, C]` to `[N, H / 2, W / 2, 2 · C]`: their channels one after the other, normalized, then a
 * linear layer. Where height or width is odd, a row or column of zeros is added.
 */
export class PatchMerging extends nn.Module {
  reduction: nn.Linear;
  norm: nn.Module;

  /** @param dim channels of the input */
  constructor(readonly dim: number, normLayer: NormLayer = layerNorm) {
    super();
    this.reduction = new nn.Linear(4 * dim, 2 * dim, { bias: false, init });
    this.norm = normLayer(4 * dim);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.reduction.forward(this.norm.forward(fourInOne(x)));
  }
}

/** As {@linkcode PatchMerging}, but with the normalization behind the linear layer. */
export class PatchMergingV2 extends nn.Module {
  reduction: nn.Linear;
  norm: nn.Module;

  /** @param dim channels of the input */
  constructor(readonly dim: number, normLayer: NormLayer = layerNorm) {
    super();
    this.reduction = new nn.Linear(4 * dim, 2 * dim, { bias: false, init });
    this.norm = normLayer(2 * dim);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.norm.forward(this.reduction.forward(fourInOne(x)));
  }
}

/** Puts the channels of each 2×2 pixels one after the other: those of the left two, upper first, then the right two. */
function fourInOne(x: tf.Tensor): tf.Tensor {
  const even = pad2d(x as tf.Tensor4D, [0, x.shape[1]! % 2, 0, x.shape[2]! % 2]);
  const [n, height, width, channels] = even.shape;
  const pairsOfRows = even.reshape<tf.Tensor4D>([n * height / 2, 2, width, channels]);
  return tf.transpose(pairsOfRows, [0, 2, 1, 3]).reshape([n, height / 2, width / 2, 4 * channels]);
}

/** Options of {@linkcode SwinTransformerBlock}, in torchvision's order. */
export interface SwinBlockOptions {
  /** How many times `dim` the perceptron is wide inside; 4. */
  mlpRatio?: number;
  /** The probability with which training drops a feature behind attention and perceptron; 0. */
  dropout?: number;
  /** The probability with which training drops a weight of the attention; 0. */
  attentionDropout?: number;
  /** The probability with which training leaves out the attention, and that for the perceptron; 0. */
  stochasticDepthProb?: number;
  /** Layer normalization unless given. */
  normLayer?: NormLayer;
  /** The attention; the version's own unless given. */
  attnLayer?: new (
    dim: number,
    windowSize: Sides,
    shiftSize: Sides,
    numHeads: number,
    options?: ShiftedWindowAttentionOptions,
  ) => nn.Module;
}

const blockOptions = [
  "mlpRatio",
  "dropout",
  "attentionDropout",
  "stochasticDepthProb",
  "normLayer",
  "attnLayer",
] as const;

/**
 * Attention within windows, then a two-layer perceptron in each place, each normalized in front and added to its input.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const block = new models.SwinTransformerBlock(8, 2, [7, 7], [3, 3]);
 * console.log(block.forward(tf.zeros([1, 16, 16, 8])).shape); // [ 1, 16, 16, 8 ]
 * ```
 */
export class SwinTransformerBlock extends nn.Module {
  norm1: nn.Module;
  attn: nn.Module;
  stochastic_depth: StochasticDepth;
  norm2: nn.Module;
  mlp: nn.Module;

  /**
   * @param dim channels of input and output
   * @param numHeads heads of the attention
   * @param windowSize height and width of a window, in pixels
   * @param shiftSize how far the map is moved before it is cut into windows, in pixels
   * @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name
   */
  constructor(dim: number, numHeads: number, windowSize: Sides, shiftSize: Sides, options: SwinBlockOptions = {}) {
    super();
    checkOptions(`make ${new.target.name}`, options, blockOptions);
    const { mlpRatio = 4, dropout = 0, attentionDropout = 0, stochasticDepthProb = 0 } = options;
    const { normLayer = layerNorm, attnLayer = ShiftedWindowAttention } = options;
    this.norm1 = normLayer(dim);
    this.attn = new attnLayer(dim, windowSize, shiftSize, numHeads, { attentionDropout, dropout });
    this.stochastic_depth = new StochasticDepth(stochasticDepthProb, "row");
    this.norm2 = normLayer(dim);
    this.mlp = new MLP(dim, [Math.floor(dim * mlpRatio), dim], {
      activationLayer: () => new nn.GELU(),
      dropout,
      init,
      biasInit,
    });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const y = x.add(this.stochastic_depth.forward(this.attn.forward(this.norm1.forward(x))));
    return y.add(this.stochastic_depth.forward(this.mlp.forward(this.norm2.forward(y))));
  }
}

/** The block of Swin V2: normalization comes last in what is added, so that what is added stays small however deep it is. */
export class SwinTransformerBlockV2 extends SwinTransformerBlock {
  constructor(dim: number, numHeads: number, windowSize: Sides, shiftSize: Sides, options: SwinBlockOptions = {}) {
    super(dim, numHeads, windowSize, shiftSize, { attnLayer: ShiftedWindowAttentionV2, ...options });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const y = x.add(this.stochastic_depth.forward(this.norm1.forward(this.attn.forward(x))));
    return y.add(this.stochastic_depth.forward(this.norm2.forward(this.mlp.forward(y))));
  }
}

/** Options that a Swin builder takes besides those of every builder. */
export interface SwinOptions {
  /** How many times its channels each block's perceptron is wide inside; 4. */
  mlpRatio?: number;
  /** The probability with which training drops a feature behind attention and perceptron; 0. */
  dropout?: number;
  /** The probability with which training drops a weight of the attention; 0. */
  attentionDropout?: number;
  /** The probability with which training leaves out each half of the last block, falling to 0 at the first. */
  stochasticDepthProb?: number;
}

/** Options of {@linkcode SwinTransformer}, in torchvision's order. */
export interface SwinArguments extends SwinOptions {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** Layer normalization unless given. */
  normLayer?: NormLayer;
  /** What the rows of blocks are made of; {@linkcode SwinTransformerBlock}. */
  block?: typeof SwinTransformerBlock;
  /** What halves height and width between them; {@linkcode PatchMerging}. */
  downsampleLayer?: DownsampleLayer;
}

const known = [
  "mlpRatio",
  "dropout",
  "attentionDropout",
  "stochasticDepthProb",
  "numClasses",
  "normLayer",
  "block",
  "downsampleLayer",
] as const;

/**
 * A Swin transformer for pictures `[N, H, W, 3]` of any size: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const small = new models.SwinTransformer([4, 4], 24, [2, 2], [2, 4], [7, 7], { numClasses: 9 });
 * console.log(small.features.length, small.head.inFeatures); // 4 48
 * ```
 */
export class SwinTransformer extends nn.Module {
  features: nn.Sequential;
  norm: nn.Module;
  permute: Permute = new Permute([0, 3, 1, 2]);
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d(1);
  flatten: nn.Flatten = new nn.Flatten();
  head: nn.Linear;

  /**
   * @param patchSize height and width of the first patches, in pixels
   * @param embedDim channels of the first row of blocks; each further one has twice as many
   * @param depths how many blocks each row has
   * @param numHeads how many heads their attention has
   * @param windowSize height and width of a window, in patches
   * @throws {TypeError | RangeError} naming the argument that cannot be
   */
  constructor(
    patchSize: Sides,
    embedDim: number,
    depths: readonly number[],
    numHeads: readonly number[],
    windowSize: Sides,
    options: SwinArguments = {},
  ) {
    super();
    checkOptions("make SwinTransformer", options, known);
    checkRows(depths, numHeads);
    checkSize("SwinTransformer", "patchSize", patchSize, 1);
    checkWhole("SwinTransformer", "embedDim", embedDim, 1);
    const { mlpRatio = 4, dropout = 0, attentionDropout = 0, stochasticDepthProb = 0.1, numClasses = 1000 } = options;
    const { normLayer = layerNorm, block = SwinTransformerBlock, downsampleLayer = PatchMerging } = options;
    checkPositive("SwinTransformer", "mlpRatio", mlpRatio);
    checkProbability("SwinTransformer", "dropout", dropout);
    checkProbability("SwinTransformer", "attentionDropout", attentionDropout);
    checkProbability("SwinTransformer", "stochasticDepthProb", stochasticDepthProb);
    checkNormLayer("SwinTransformer", normLayer);
    const last = depths.reduce((sum, depth) => sum + depth, 0) - 1;
    let number = 0;
    const makeRow = (depth: number, row: number): nn.Module[] => {
      const dim = embedDim * 2 ** row;
      const blocks = Array.from({ length: depth }, (_, i) => {
        const shift: Sides = i % 2 === 0 ? [0, 0] : [windowSize[0] >> 1, windowSize[1] >> 1];
        return new block(dim, numHeads[row], windowSize, shift, {
          mlpRatio,
          dropout,
          attentionDropout,
          stochasticDepthProb: last === 0 ? 0 : stochasticDepthProb * number++ / last, // a single block is never left out
          normLayer,
        });
      });
      const isLast = row === depths.length - 1;
      return [new nn.Sequential(...blocks), ...(isLast ? [] : [new downsampleLayer(dim, normLayer)])];
    };
    const width = embedDim * 2 ** (depths.length - 1);
    this.features = new nn.Sequential(
      new nn.Sequential(
        new nn.Conv2d(3, embedDim, patchSize, { stride: patchSize }),
        new Permute([0, 2, 3, 1]),
        normLayer(embedDim),
      ),
      ...depths.flatMap(makeRow),
    );
    this.norm = normLayer(width);
    this.head = new nn.Linear(width, numClasses, { init, biasInit });
  }

  override stages(): nn.Stage[] {
    return [
      ...this.features.namedChildren().map(([index]) => nn.stage(this, `features.${index}`)),
      nn.stage(this, "norm"),
      nn.stage(this, "avgpool", ["permute", "avgpool", "flatten"]),
      nn.stage(this, "head"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

function checkRows(depths: readonly number[], numHeads: readonly number[]): void {
  const whole = (list: readonly number[]) =>
    Array.isArray(list) && list.length > 0 && list.every((n) => Number.isInteger(n) && n > 0);
  if (whole(depths) && whole(numHeads) && depths.length === numHeads.length) return;
  throw new TypeError(
    "Cannot make SwinTransformer: expected depths and numHeads to be as many numbers of blocks and of heads, " +
      `found ${JSON.stringify(depths)} and ${JSON.stringify(numHeads)}`,
  );
}

const papers = {
  "Swin": {
    title: "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
    authors: "Liu, Lin, Cao, Hu, Wei, Zhang, Lin, Guo",
    year: 2021,
    url: "https://arxiv.org/abs/2103.14030",
  },
  "Swin V2": {
    title: "Swin Transformer V2: Scaling Up Capacity and Resolution",
    authors: "Liu, Hu, Lin, Yao, Xie, Wei, Ning, Cao, Zhang, Dong, Wei, Guo",
    year: 2022,
    url: "https://arxiv.org/abs/2111.09883",
  },
};

function variant(
  name: keyof typeof swinWeights,
  family: keyof typeof papers,
  embedDim: number,
  thirdDepth: number,
  stochasticDepthProb: number,
): Builder<SwinTransformer, SwinOptions> {
  const numHeads = [1, 2, 4, 8].map((times) => times * embedDim / 32);
  const [side, version] = family === "Swin"
    ? [7, {}]
    : [8, { block: SwinTransformerBlockV2, downsampleLayer: PatchMergingV2 }];
  return builder<SwinTransformer, SwinOptions>({
    name,
    family,
    paper: papers[family],
    head: "head",
    weights: swinWeights[name],
    options: {
      mlpRatio: "how many times its channels each block's perceptron is wide inside; 4",
      dropout: "the probability with which training drops a feature behind attention and perceptron; 0",
      attentionDropout: "the probability with which training drops a weight of the attention; 0",
      stochasticDepthProb: "the probability with which training leaves out each half of the last block, falling to 0 " +
        `at the first; ${stochasticDepthProb}`,
    },
    build: (options) =>
      new SwinTransformer([4, 4], embedDim, [2, 2, thirdDepth, 2], numHeads, [side, side], {
        stochasticDepthProb,
        ...options,
        ...version,
      }),
  });
}

/**
 * Swin-T.
 *
 * @example
 * ```ts
 * import { freeze, models, nn } from "thaw";
 *
 * const model = models.swin_t(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.head = new nn.Linear(model.head.inFeatures, 9);
 * const { trainable } = freeze(model, { until: "features.7.1" }); // the last of twelve blocks trains, and what follows it
 * console.log(trainable); // 7100385
 * ```
 */
export const swin_t: Builder<SwinTransformer, SwinOptions> = variant("swin_t", "Swin", 96, 6, 0.2);

/** Swin-S: three times as many blocks in the third row. */
export const swin_s: Builder<SwinTransformer, SwinOptions> = variant("swin_s", "Swin", 96, 18, 0.3);

/** Swin-B: a third wider. */
export const swin_b: Builder<SwinTransformer, SwinOptions> = variant("swin_b", "Swin", 128, 18, 0.5);

/** Swin V2-T, with windows of 8×8 patches. */
export const swin_v2_t: Builder<SwinTransformer, SwinOptions> = variant("swin_v2_t", "Swin V2", 96, 6, 0.2);

/** Swin V2-S: three times as many blocks in the third row. */
export const swin_v2_s: Builder<SwinTransformer, SwinOptions> = variant("swin_v2_s", "Swin V2", 96, 18, 0.3);

/** Swin V2-B: a third wider. */
export const swin_v2_b: Builder<SwinTransformer, SwinOptions> = variant("swin_v2_b", "Swin V2", 128, 18, 0.5);

nn.nameClasses("torchvision.models.swin_transformer", {
  PatchMerging,
  PatchMergingV2,
  SwinTransformerBlock,
  SwinTransformerBlockV2,
  SwinTransformer,
  ShiftedWindowAttention,
  ShiftedWindowAttentionV2,
});
