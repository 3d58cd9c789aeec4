import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { Conv2dNormActivation } from "./blocks/conv2d_norm_activation.ts";
import { LayerNorm2d } from "./blocks/layer_norm_2d.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { Permute } from "./blocks/permute.ts";
import { StochasticDepth } from "./blocks/stochastic_depth.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer, checkProbability } from "./check_values.ts";
import { convnextWeights } from "./tables/convnext.ts";

/**
 * ConvNeXt (Liu et al. 2022): what a residual network becomes when it is changed step by step to be like a vision
 * transformer, convolutions kept: patches at the start, few normalizations and activations, 7×7 depthwise filters.
 *
 * @module
 */

const init = nn.init.truncatedNormal(0.02);
const biasInit = nn.init.constant(0);

/**
 * A 7×7 depthwise convolution, layer normalization and a two-layer perceptron in each place, scaled by a number for each
 * channel and added to the input. The scales start small, so that the block starts close to the identity.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const block = new models.CNBlock(8, { layerScale: 0 });
 * const x = tf.randomNormal([1, 6, 6, 8]);
 * console.log(tf.equal(block.forward(x), x).all().dataSync()[0]); // 1
 * ```
 */
export class CNBlock extends nn.Module {
  layer_scale: nn.Parameter;
  block: nn.Sequential;
  stochastic_depth: StochasticDepth;

  /**
   * @param dim channels of input and output
   * @param options where its scales start; the probability that training leaves the block out; its normalization
   */
  constructor(dim: number, options: Omit<ConvNeXtArguments, "numClasses"> = {}) {
    super();
    checkOptions("make CNBlock", options, ["stochasticDepthProb", "layerScale", "normLayer"]);
    const { stochasticDepthProb = 0, layerScale = 1e-6, normLayer = layerNorm } = options;
    this.layer_scale = new nn.Parameter([dim, 1, 1], nn.init.constant(layerScale));
    this.block = new nn.Sequential(
      new nn.Conv2d(dim, dim, 7, { padding: 3, groups: dim, init, biasInit }),
      new Permute([0, 2, 3, 1]),
      normLayer(dim),
      new nn.Linear(dim, 4 * dim, { init, biasInit }),
      new nn.GELU(),
      new nn.Linear(4 * dim, dim, { init, biasInit }),
      new Permute([0, 3, 1, 2]),
    );
    this.stochastic_depth = new StochasticDepth(stochasticDepthProb, "row");
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const scale = this.layer_scale.value.reshape([-1]); // torch's [C, 1, 1] goes with [N, C, H, W]
    return this.stochastic_depth.forward(this.block.forward(x).mul(scale)).add(x);
  }
}

const layerNorm: NormLayer = (channels) => new nn.LayerNorm(channels, { eps: 1e-6 });
const layerNorm2d: NormLayer = (channels) => new LayerNorm2d(channels, { eps: 1e-6 });

/** What the blocks between two reductions of height and width are. */
export interface CNBlockConfig {
  inputChannels: number;
  /** Channels after the halving of height and width behind the blocks; `null` where there is none. */
  outChannels: number | null;
  /** How many blocks. */
  numLayers: number;
}

/** Options that a ConvNeXt builder takes besides those of every builder. */
export interface ConvNeXtOptions {
  /** The probability with which training leaves out the last block, falling to 0 at the first. */
  stochasticDepthProb?: number;
  /** Where the blocks' scales start; 1e-6. */
  layerScale?: number;
}

/** Options of {@linkcode ConvNeXt}, in torchvision's order. */
export interface ConvNeXtArguments extends ConvNeXtOptions {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** The normalization at the start, between the blocks and at the end; layer normalization unless given. */
  normLayer?: NormLayer;
}

/**
 * A ConvNeXt for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const blocks = [
 *   { inputChannels: 16, outChannels: 32, numLayers: 1 },
 *   { inputChannels: 32, outChannels: null, numLayers: 2 },
 * ];
 * const small = new models.ConvNeXt(blocks, { numClasses: 9 });
 * console.log(small.features.length, small.classifier.at(-1).extraRepr()); // 4 in_features=32, out_features=9, bias=True
 * ```
 */
export class ConvNeXt extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d(1);
  classifier: nn.Sequential;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(blocks: readonly CNBlockConfig[], options: ConvNeXtArguments = {}) {
    super();
    checkBlocks(blocks);
    checkOptions("make ConvNeXt", options, ["stochasticDepthProb", "layerScale", "numClasses", "normLayer"]);
    const { stochasticDepthProb = 0, layerScale = 1e-6, numClasses = 1000, normLayer = layerNorm2d } = options;
    checkProbability("ConvNeXt", "stochasticDepthProb", stochasticDepthProb);
    checkScale(layerScale);
    checkNormLayer("ConvNeXt", normLayer);
    const last = blocks.reduce((sum, { numLayers }) => sum + numLayers, 0) - 1;
    let block = 0;
    const makeStage = ({ inputChannels, outChannels, numLayers }: CNBlockConfig): nn.Sequential[] => {
      const own = Array.from({ length: numLayers }, () => {
        // a single block is never left out: it would be 0 of 0
        const share = last === 0 ? 0 : stochasticDepthProb * block++ / last;
        return new CNBlock(inputChannels, { layerScale, stochasticDepthProb: share });
      });
      if (outChannels === null) return [new nn.Sequential(...own)];
      const halve = new nn.Conv2d(inputChannels, outChannels, 2, { stride: 2, init, biasInit });
      return [new nn.Sequential(...own), new nn.Sequential(normLayer(inputChannels), halve)];
    };
    const patches = {
      kernelSize: 4,
      stride: 4,
      padding: 0,
      normLayer,
      activationLayer: null,
      bias: true,
      init,
      biasInit,
    };
    this.features = new nn.Sequential(
      new Conv2dNormActivation(3, blocks[0].inputChannels, patches),
      ...blocks.flatMap(makeStage),
    );
    const { inputChannels, outChannels } = blocks.at(-1)!;
    const width = outChannels ?? inputChannels;
    this.classifier = new nn.Sequential(
      normLayer(width),
      new nn.Flatten(),
      new nn.Linear(width, numClasses, { init, biasInit }),
    );
  }

  override stages(): nn.Stage[] {
    return [
      ...this.features.namedChildren().map(([index]) => nn.stage(this, `features.${index}`)),
      nn.stage(this, "avgpool"),
      nn.stage(this, "classifier"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

function checkBlocks(blocks: readonly CNBlockConfig[]): void {
  const whole = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
  const fits = ({ inputChannels, outChannels, numLayers }: CNBlockConfig) =>
    whole(inputChannels) && (outChannels === null || whole(outChannels)) && whole(numLayers);
  if (Array.isArray(blocks) && blocks.length > 0 && blocks.every((one) => one && fits(one))) return;
  throw new TypeError(
    "Cannot make ConvNeXt: expected blocks to be a list of { inputChannels, outChannels, numLayers }, " +
      `found ${JSON.stringify(blocks)}`,
  );
}

function checkScale(value: number): void {
  if (typeof value === "number" && Number.isFinite(value)) return;
  throw new TypeError(`Cannot make ConvNeXt: expected layerScale to be a number, found ${JSON.stringify(value)}`);
}

function variant(
  name: keyof typeof convnextWeights,
  [widths, depths]: readonly [readonly number[], readonly number[]],
  stochasticDepthProb: number,
): Builder<ConvNeXt, ConvNeXtOptions> {
  const blocks = widths.map((inputChannels, i) => ({
    inputChannels,
    outChannels: widths[i + 1] ?? null,
    numLayers: depths[i],
  }));
  return builder<ConvNeXt, ConvNeXtOptions>({
    name,
    family: "ConvNeXt",
    paper: {
      title: "A ConvNet for the 2020s",
      authors: "Liu, Mao, Wu, Feichtenhofer, Darrell, Xie",
      year: 2022,
      url: "https://arxiv.org/abs/2201.03545",
    },
    head: "classifier.2",
    weights: convnextWeights[name],
    options: {
      stochasticDepthProb:
        "the probability with which training leaves out the last block, falling to 0 at the first; " +
        stochasticDepthProb,
      layerScale: "where the blocks' scales start; 1e-6",
    },
    build: (options) => new ConvNeXt(blocks, { stochasticDepthProb, ...options }),
  });
}

/**
 * ConvNeXt-Tiny.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.convnext_tiny(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[2] = new nn.Linear(model.classifier.get("2", nn.Linear).inFeatures, 9);
 * console.log(model.stages().length, model.stages().at(-1)!.name); // 10 classifier
 * ```
 */
export const convnext_tiny: Builder<ConvNeXt, ConvNeXtOptions> = variant(
  "convnext_tiny",
  [[96, 192, 384, 768], [3, 3, 9, 3]],
  0.1,
);

/** ConvNeXt-Small: three times as many blocks in the third part. */
export const convnext_small: Builder<ConvNeXt, ConvNeXtOptions> = variant(
  "convnext_small",
  [[96, 192, 384, 768], [3, 3, 27, 3]],
  0.4,
);

/** ConvNeXt-Base: a third wider. */
export const convnext_base: Builder<ConvNeXt, ConvNeXtOptions> = variant(
  "convnext_base",
  [[128, 256, 512, 1024], [3, 3, 27, 3]],
  0.5,
);

/** ConvNeXt-Large: twice as wide as Small. */
export const convnext_large: Builder<ConvNeXt, ConvNeXtOptions> = variant(
  "convnext_large",
  [[192, 384, 768, 1536], [3, 3, 27, 3]],
  0.5,
);

nn.nameClasses("torchvision.models.convnext", { CNBlock, ConvNeXt, LayerNorm2d });
