import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkWhole } from "../nn/pair.ts";
import { StateDict } from "../weights/state_dict.ts";
import { Conv2dNormActivation } from "./blocks/conv2d_norm_activation.ts";
import { MLP } from "./blocks/mlp.ts";
import type { NormLayer } from "./blocks/norm_layer.ts";
import { type Builder, builder } from "./builder.ts";
import { checkNormLayer, checkProbability } from "./check_values.ts";
import { visionTransformerWeights } from "./tables/vision_transformer.ts";

/**
 * Vision Transformer (Dosovitskiy et al. 2020): a picture is cut into patches, each becomes a token, and a transformer lets
 * every token look at every other. One more token, which belongs to no patch, ends up with what is said of the picture.
 *
 * @module
 */

const layerNorm: NormLayer = (channels) => new nn.LayerNorm(channels, { eps: 1e-6 });
const zero = nn.init.constant(0);

/** What each block of a transformer drops in training, and its normalization. */
export interface EncoderOptions {
  /** The probability with which training drops a value behind attention and perceptron; 0. */
  dropout?: number;
  /** The probability with which training drops a weight of the attention; 0. */
  attentionDropout?: number;
  /** Layer normalization unless given. */
  normLayer?: NormLayer;
}

/** Two fully connected layers with GELU between them, for each token by itself. */
export class MLPBlock extends MLP {
  constructor(inDim: number, mlpDim: number, dropout: number) {
    super(inDim, [mlpDim, inDim], {
      activationLayer: () => new nn.GELU(),
      dropout,
      init: nn.init.xavierUniform(),
      biasInit: nn.init.normal(0, 1e-6),
    });
  }
}

/** Attention between the tokens `[N, L, C]`, then a perceptron for each; what each of the two makes is added to its input. */
export class EncoderBlock extends nn.Module {
  ln_1: nn.Module;
  self_attention: nn.MultiheadAttention;
  dropout: nn.Dropout;
  ln_2: nn.Module;
  mlp: nn.Module;

  /** @throws {RangeError} naming the argument that cannot be, {TypeError} where the options are not by name */
  constructor(numHeads: number, hiddenDim: number, mlpDim: number, options: EncoderOptions = {}) {
    super();
    checkOptions("make EncoderBlock", options, ["dropout", "attentionDropout", "normLayer"]);
    const { dropout = 0, attentionDropout = 0, normLayer = layerNorm } = options;
    this.ln_1 = normLayer(hiddenDim);
    this.self_attention = new nn.MultiheadAttention(hiddenDim, numHeads, { dropout: attentionDropout });
    this.dropout = new nn.Dropout(dropout);
    this.ln_2 = normLayer(hiddenDim);
    this.mlp = new MLPBlock(hiddenDim, mlpDim, dropout);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const y = this.dropout.forward(this.self_attention.forward(this.ln_1.forward(x))).add(x);
    return this.mlp.forward(this.ln_2.forward(y)).add(y);
  }
}

/** How large a transformer is. */
export interface TransformerSize {
  /** Height and width of a patch, in pixels. */
  patchSize: number;
  /** How many blocks there are. */
  numLayers: number;
  /** How many heads their attention has. */
  numHeads: number;
  /** Channels of a token. */
  hiddenDim: number;
  /** Features between the two layers of a block's perceptron. */
  mlpDim: number;
}

/** A transformer's blocks, with what tells a token where it is: tokens `[N, seqLength, C]` to tokens. */
export class Encoder extends nn.Module {
  pos_embedding: nn.Parameter;
  dropout: nn.Dropout;
  layers: nn.Sequential;
  ln: nn.Module;

  /** @param seqLength how many tokens there are */
  constructor(seqLength: number, size: Omit<TransformerSize, "patchSize">, options: EncoderOptions = {}) {
    super();
    const { numLayers, numHeads, hiddenDim, mlpDim } = size;
    this.pos_embedding = new nn.Parameter([1, seqLength, hiddenDim], nn.init.normal(0, 0.02));
    this.dropout = new nn.Dropout(options.dropout ?? 0);
    const blocks = Array.from({ length: numLayers }, (_, i) => {
      return [`encoder_layer_${i}`, new EncoderBlock(numHeads, hiddenDim, mlpDim, options)];
    });
    this.layers = new nn.Sequential(Object.fromEntries(blocks));
    this.ln = (options.normLayer ?? layerNorm)(hiddenDim);
  }

  /** The first of them is also where the tokens learn their places. */
  override stages(): nn.Stage[] {
    const [first, ...others] = [...this.layers.namedChildren().map(([name]) => `layers.${name}`), "ln"];
    return [
      {
        name: first,
        modules: ["pos_embedding", "dropout", first],
        forward: (x) => this.get(first).forward(this.dropout.forward(x.add(this.pos_embedding.value))),
      },
      ...others.map((name) => nn.stage(this, name)),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

/** One convolution of a stem that makes tokens in several steps (Xiao et al. 2021). */
export interface ConvStemConfig {
  outChannels: number;
  kernelSize: number;
  stride: number;
  /** Batch normalization unless given. */
  normLayer?: NormLayer;
  /** ReLU unless given. */
  activationLayer?: () => nn.Module;
}

/** Options that a Vision Transformer's builder takes besides those of every builder. */
export interface VisionTransformerOptions {
  /** Height and width of the pictures, in pixels; 224, or what the weights were trained for. */
  imageSize?: number;
  /** The probability with which training drops a value behind attention and perceptron; 0. */
  dropout?: number;
  /** The probability with which training drops a weight of the attention; 0. */
  attentionDropout?: number;
  /** Features of one more layer in front of the head; no such layer unless given. */
  representationSize?: number | null;
}

/** Options of {@linkcode VisionTransformer}. */
export interface VisionTransformerArguments extends VisionTransformerOptions {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** Layer normalization unless given. */
  normLayer?: NormLayer;
  /** Convolutions in place of the one that makes a token of each patch; a 1×1 convolution follows them. */
  convStemConfigs?: readonly ConvStemConfig[];
}

/**
 * A Vision Transformer for pictures `[N, imageSize, imageSize, 3]`: logits `[N, numClasses]`.
 *
 * In between there are tokens `[N, L, hiddenDim]`: the class token, then the patches row by row.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const size = { patchSize: 8, numLayers: 2, numHeads: 2, hiddenDim: 16, mlpDim: 32 };
 * const small = new models.VisionTransformer(size, { imageSize: 32, numClasses: 9 });
 * small.heads.head = new nn.Linear(16, 4);
 * console.log(small.encoder.pos_embedding.shape); // [ 1, 17, 16 ]
 * ```
 */
export class VisionTransformer extends nn.Module {
  class_token: nn.Parameter;
  conv_proj: nn.Module;
  encoder: Encoder;
  heads: nn.Sequential & { pre_logits?: nn.Module; act?: nn.Module; head: nn.Linear };
  readonly imageSize: number;
  readonly patchSize: number;
  readonly hiddenDim: number;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(size: TransformerSize, options: VisionTransformerArguments = {}) {
    super();
    checkOptions("make VisionTransformer", options, [
      "imageSize",
      "dropout",
      "attentionDropout",
      "numClasses",
      "representationSize",
      "normLayer",
      "convStemConfigs",
    ]);
    const { imageSize = 224, numClasses = 1000, representationSize = null, convStemConfigs, ...encoder } = options;
    checkSize(size, imageSize);
    const { dropout = 0, attentionDropout = 0 } = encoder;
    checkProbability("VisionTransformer", "dropout", dropout);
    checkProbability("VisionTransformer", "attentionDropout", attentionDropout);
    if (encoder.normLayer) checkNormLayer("VisionTransformer", encoder.normLayer);
    if (representationSize !== null) checkWhole("VisionTransformer", "representationSize", representationSize, 1);
    const { patchSize, hiddenDim } = size;
    this.imageSize = imageSize;
    this.patchSize = patchSize;
    this.hiddenDim = hiddenDim;
    this.class_token = new nn.Parameter([1, 1, hiddenDim], zero);
    this.conv_proj = convStemConfigs ? convStem(convStemConfigs, hiddenDim) : patchify(patchSize, hiddenDim);
    this.encoder = new Encoder((imageSize / patchSize) ** 2 + 1, size, encoder);
    this.heads = makeHeads(hiddenDim, representationSize, numClasses);
  }

  /** The last of the encoder's hands on the class token alone: all that the heads read, and 1 / L of what a cache must keep. */
  override stages(): nn.Stage[] {
    const inside = this.encoder.stages().map(({ name, modules, forward }) => ({
      name: `encoder.${name}`,
      modules: modules.map((path) => `encoder.${path}`),
      forward: forward!,
    }));
    const last = inside.pop()!;
    return [
      { name: "conv_proj", modules: ["class_token", "conv_proj"], forward: (x) => tokens(this, x) },
      ...inside,
      { ...last, forward: (x) => classToken(last.forward(x)) },
      nn.stage(this, "heads"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }

  /**
   * As torch's, also for files from before torchvision 0.13, where the perceptron's layers had other names.
   *
   * @throws {Error} listing everything that does not fit, before anything has been changed
   */
  override loadStateDict(source: StateDict, options: { strict?: boolean } = {}): nn.LoadReport {
    if (!(source instanceof StateDict)) return super.loadStateDict(source, options); // which says what it should be
    const [, expected] = this.encoder.pos_embedding.shape;
    const [, found, width] = source.get("encoder.pos_embedding")?.shape ?? [];
    if (options.strict !== false && width === this.hiddenDim && found !== expected) {
      throw new Error(
        `Cannot load "encoder.pos_embedding": expected [1, ${expected}, ${width}], found [1, ${found}, ${width}]; ` +
          `await models.interpolateEmbeddings(sd, { imageSize: ${this.imageSize}, patchSize: ${this.patchSize} }) ` +
          "makes one for this network's pictures",
      );
    }
    return super.loadStateDict(source.rename(currentName), options);
  }
}

/** The class token and the picture's patches: `[N, 1 + L, C]`. */
function tokens(model: VisionTransformer, x: tf.Tensor): tf.Tensor {
  const [n, height, width] = x.shape;
  if (x.rank !== 4 || height !== model.imageSize || width !== model.imageSize) {
    const expected = `[N, ${model.imageSize}, ${model.imageSize}, 3]`;
    const advice = x.rank === 4 && height === width
      ? `; make the network with imageSize ${height}, or resize the pictures`
      : "";
    throw new TypeError(`expected input ${expected}, found [${x.shape.join(", ")}]${advice}`);
  }
  const patches = model.conv_proj.forward(x).reshape([n, -1, model.hiddenDim]);
  return tf.concat([tf.tile(model.class_token.value, [n, 1, 1]), patches], 1);
}

/** The first of the tokens: `[N, C]`. */
function classToken(tokens: tf.Tensor): tf.Tensor {
  const [n, , channels] = tokens.shape;
  return tf.slice(tokens, [0, 0, 0], [-1, 1, -1]).reshape([n, channels!]);
}

function patchify(patchSize: number, hiddenDim: number): nn.Conv2d {
  const init = nn.init.truncatedNormal(Math.sqrt(1 / (3 * patchSize * patchSize)));
  return new nn.Conv2d(3, hiddenDim, patchSize, { stride: patchSize, init, biasInit: zero });
}

function convStem(configs: readonly ConvStemConfig[], hiddenDim: number): nn.Sequential {
  const widths = [3, ...configs.map(({ outChannels }) => outChannels)];
  const steps = configs.map(({ outChannels, ...options }, i) => {
    return [`conv_bn_relu_${i}`, new Conv2dNormActivation(widths[i], outChannels, options)];
  });
  const init = nn.init.normal(0, Math.sqrt(2 / hiddenDim));
  const last = new nn.Conv2d(widths.at(-1)!, hiddenDim, 1, { init, biasInit: zero });
  return new nn.Sequential({ ...Object.fromEntries(steps), conv_last: last });
}

// The head starts with zeros: before training, every class is as likely as any other.
function makeHeads(width: number, representation: number | null, classes: number): VisionTransformer["heads"] {
  const init = nn.init.truncatedNormal(Math.sqrt(1 / width));
  const modules = {
    ...(representation === null ? {} : {
      pre_logits: new nn.Linear(width, representation, { init, biasInit: zero }),
      act: new nn.Tanh(),
    }),
    head: new nn.Linear(representation ?? width, classes, { init: zero, biasInit: zero }),
  };
  return new nn.Sequential(modules) as VisionTransformer["heads"];
}

function currentName(name: string): string {
  return name.replace(/\.mlp\.linear_([12])\./, (_, layer) => `.mlp.${3 * (layer - 1)}.`);
}

function checkSize(size: TransformerSize, imageSize: number): void {
  for (const [name, value] of Object.entries({ imageSize, ...size })) checkWhole("VisionTransformer", name, value, 1);
  if (imageSize % size.patchSize === 0) return;
  throw new RangeError(
    `Cannot make VisionTransformer: expected imageSize to be a multiple of the patches' ${size.patchSize}, found ` +
      imageSize,
  );
}

function variant(
  name: keyof typeof visionTransformerWeights,
  size: TransformerSize,
): Builder<VisionTransformer, VisionTransformerOptions> {
  return builder<VisionTransformer, VisionTransformerOptions>({
    name,
    family: "Vision Transformer",
    paper: {
      title: "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
      authors: "Dosovitskiy, Beyer, Kolesnikov, Weissenborn, Zhai, Unterthiner, Dehghani, Minderer, Heigold, Gelly, " +
        "Uszkoreit, Houlsby",
      year: 2020,
      url: "https://arxiv.org/abs/2010.11929",
    },
    head: "heads.head",
    weights: visionTransformerWeights[name],
    options: {
      imageSize: "height and width of the pictures, in pixels; 224, or what the weights were trained for",
      dropout: "the probability with which training drops a value behind attention and perceptron; 0",
      attentionDropout: "the probability with which training drops a weight of the attention; 0",
      representationSize: "features of one more layer in front of the head; none",
    },
    build: (options) => new VisionTransformer(size, options),
  });
}

type VisionTransformerBuilder = Builder<VisionTransformer, VisionTransformerOptions>;

const base = { numLayers: 12, numHeads: 12, hiddenDim: 768, mlpDim: 3072 };
const large = { numLayers: 24, numHeads: 16, hiddenDim: 1024, mlpDim: 4096 };
const huge = { numLayers: 32, numHeads: 16, hiddenDim: 1280, mlpDim: 5120 };

/**
 * ViT-B/16: 12 blocks, patches of 16 pixels.
 *
 * @example
 * ```ts
 * import { freeze, models, nn } from "thaw";
 *
 * const model = models.vit_b_16(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.heads.head = new nn.Linear(model.hiddenDim, 9);
 * const plan = freeze(model, { until: "encoder.layers.encoder_layer_10" });
 * console.log(plan.stages.length, plan.stages[0].state, plan.trainable); // 15 frozen 14184201
 * ```
 */
export const vit_b_16: VisionTransformerBuilder = variant("vit_b_16", { patchSize: 16, ...base });

/** ViT-B/32: 12 blocks, patches of 32 pixels; a quarter of the work. */
export const vit_b_32: VisionTransformerBuilder = variant("vit_b_32", { patchSize: 32, ...base });

/** ViT-L/16: 24 blocks, patches of 16 pixels. */
export const vit_l_16: VisionTransformerBuilder = variant("vit_l_16", { patchSize: 16, ...large });

/** ViT-L/32: 24 blocks, patches of 32 pixels. */
export const vit_l_32: VisionTransformerBuilder = variant("vit_l_32", { patchSize: 32, ...large });

/** ViT-H/14: 32 blocks, patches of 14 pixels. */
export const vit_h_14: VisionTransformerBuilder = variant("vit_h_14", { patchSize: 14, ...huge });

nn.nameClasses("torchvision.models.vision_transformer", { MLPBlock, EncoderBlock, Encoder, VisionTransformer });
