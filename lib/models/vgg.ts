import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkWhole } from "../nn/pair.ts";
import { layerStages } from "./blocks/layer_stages.ts";
import { pooledStage } from "./blocks/pooled_stage.ts";
import { type Builder, builder } from "./builder.ts";
import { checkProbability, checkSwitch } from "./check_values.ts";
import { vggWeights } from "./tables/vgg.ts";

/**
 * VGG (Simonyan & Zisserman 2014): nothing but 3×3 convolutions, two, three or four in a row before the maps are halved, and
 * three fully connected layers. Two 3×3 filters see as far as one 5×5, with fewer parameters and a relu more.
 *
 * @module
 */

/** The layers of `features`: a number is a 3×3 convolution to so many channels, `"M"` halves height and width. */
export type VGGLayers = readonly (number | "M")[];

/** Options that the builder takes besides those of every builder. */
export interface VGGOptions {
  /** The probability with which training drops a feature behind the first two fully connected layers; 0.5. */
  dropout?: number;
  /** Whether layers start as torchvision's VGG lets them; true. Otherwise each starts as its class does. */
  initWeights?: boolean;
}

/** Options of {@linkcode VGG}. */
export interface VGGArguments extends VGGOptions {
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
  /** Whether each convolution is followed by batch norm; false. */
  batchNorm?: boolean;
}

/**
 * A VGG for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * Its stages are its layers with weights, each with what follows it: in vgg16 `features.24` is the eleventh convolution and
 * its relu. `freeze(model, { until: "classifier" })` trains the fully connected layers.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const small = new models.VGG([32, "M", 64, "M"], { batchNorm: true, numClasses: 9 });
 * console.log(small.stages().map(({ name }) => name).join(" "));
 * // features.0 features.4 avgpool classifier.0 classifier.3 classifier.6
 * ```
 */
export class VGG extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d([7, 7]);
  classifier: nn.Sequential;

  /**
   * @param layers what `features` is made of
   * @throws {TypeError | RangeError} naming the option that cannot be
   */
  constructor(layers: VGGLayers, options: VGGArguments = {}) {
    super();
    checkLayers(layers);
    checkOptions("make VGG", options, ["numClasses", "initWeights", "dropout", "batchNorm"]);
    const { numClasses = 1000, dropout = 0.5, batchNorm = false, initWeights = true } = options;
    checkWhole("VGG", "numClasses", numClasses, 1);
    checkProbability("VGG", "dropout", dropout);
    checkSwitch("VGG", "batchNorm", batchNorm);
    checkSwitch("VGG", "initWeights", initWeights);
    const biasInit = nn.init.constant(0);
    const ofConv = initWeights ? { init: nn.init.kaimingNormal("fan_out"), biasInit } : {};
    const ofLinear = initWeights ? { init: nn.init.normal(0, 0.01), biasInit } : {};

    let channels = 3;
    const makeLayer = (layer: number | "M"): nn.Module[] => {
      if (layer === "M") return [new nn.MaxPool2d(2, { stride: 2 })];
      const conv = new nn.Conv2d(channels, layer, 3, { padding: 1, ...ofConv });
      channels = layer;
      return [conv, ...(batchNorm ? [new nn.BatchNorm2d(layer)] : []), new nn.ReLU({ inplace: true })];
    };
    this.features = new nn.Sequential(...layers.flatMap(makeLayer));
    this.classifier = new nn.Sequential(
      new nn.Linear(channels * 7 * 7, 4096, ofLinear),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096, ofLinear),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, numClasses, ofLinear),
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

function checkLayers(layers: VGGLayers): void {
  const fits = (layer: unknown) => layer === "M" || (Number.isInteger(layer) && (layer as number) > 0);
  if (Array.isArray(layers) && layers.some((layer) => layer !== "M") && layers.every(fits)) return;
  throw new TypeError(
    'Cannot make VGG: expected layers to be numbers of channels and "M"s, such as [64, "M", 128, "M"], found ' +
      JSON.stringify(layers),
  );
}

// Columns A, B, D and E of the paper's table 1, by the number of layers with weights.
const layersOf = {
  11: [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
  13: [64, 64, "M", 128, 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"],
  16: [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
  19: [64, 64, "M", 128, 128, "M", 256, 256, 256, 256, "M", 512, 512, 512, 512, "M", 512, 512, 512, 512, "M"],
} as const;

function variant(
  name: keyof typeof vggWeights,
  depth: keyof typeof layersOf,
  batchNorm = false,
): Builder<VGG, VGGOptions> {
  return builder<VGG, VGGOptions>({
    name,
    family: "VGG",
    paper: {
      title: "Very Deep Convolutional Networks for Large-Scale Image Recognition",
      authors: "Simonyan, Zisserman",
      year: 2014,
      url: "https://arxiv.org/abs/1409.1556",
    },
    head: "classifier.6",
    weights: vggWeights[name],
    options: {
      dropout: "the probability with which training drops a feature behind the first two fully connected layers; 0.5",
      initWeights: "whether layers start as torchvision's VGG lets them, and not as their classes do; true",
    },
    build: (options) => new VGG(layersOf[depth], { ...options, batchNorm }),
  });
}

/** VGG-11. */
export const vgg11: Builder<VGG, VGGOptions> = variant("vgg11", 11);

/** VGG-11 with batch norm. */
export const vgg11_bn: Builder<VGG, VGGOptions> = variant("vgg11_bn", 11, true);

/** VGG-13. */
export const vgg13: Builder<VGG, VGGOptions> = variant("vgg13", 13);

/** VGG-13 with batch norm. */
export const vgg13_bn: Builder<VGG, VGGOptions> = variant("vgg13_bn", 13, true);

/**
 * VGG-16: the classic of transfer learning. The weights `IMAGENET1K_FEATURES` have a use in `features` alone.
 *
 * @example
 * ```ts
 * import { freeze, models, nn } from "thaw";
 *
 * const model = models.vgg16(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[6] = new nn.Linear(model.classifier.get("6", nn.Linear).inFeatures, 9);
 * const plan = freeze(model, { until: "features.24" });
 * console.log(plan.stages.find(({ state }) => state === "trainable")?.name); // features.24
 * ```
 */
export const vgg16: Builder<VGG, VGGOptions> = variant("vgg16", 16);

/** VGG-16 with batch norm. */
export const vgg16_bn: Builder<VGG, VGGOptions> = variant("vgg16_bn", 16, true);

/** VGG-19. */
export const vgg19: Builder<VGG, VGGOptions> = variant("vgg19", 19);

/** VGG-19 with batch norm. */
export const vgg19_bn: Builder<VGG, VGGOptions> = variant("vgg19_bn", 19, true);

nn.nameClasses("torchvision.models.vgg", { VGG });
