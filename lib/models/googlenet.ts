import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { BasicConv2d } from "./blocks/basic_conv2d.ts";
import { inceptionInput } from "./blocks/inception_input.ts";
import { pooledStage } from "./blocks/pooled_stage.ts";
import { type Builder, builder } from "./builder.ts";
import { checkProbability, checkSwitch } from "./check_values.ts";
import { googlenetWeights } from "./tables/googlenet.ts";
import type { WeightsTable } from "./weights_table.ts";

/**
 * GoogLeNet (Szegedy et al. 2014), the network that won ImageNet's contest in 2014 with a twelfth of AlexNet's parameters, as
 * torchvision builds it: with batch norm, and with 3×3 filters where the paper has 5×5.
 *
 * Its blocks look at their input through windows of several sizes at once and lay the results side by side. While it trains,
 * two auxiliary heads in its middle bring the loss near to the layers below them.
 *
 * @module
 */

/** How many channels each of an {@linkcode Inception}'s branches has. */
export interface InceptionChannels {
  /** After the 1×1 convolution. */
  ch1x1: number;
  /** In front of the 3×3 convolution, and after it. */
  ch3x3red: number;
  ch3x3: number;
  /** In front of the second 3×3 convolution, which the paper has as 5×5, and after it. */
  ch5x5red: number;
  ch5x5: number;
  /** After the max pooling. */
  poolProj: number;
}

/** Four views of the same feature maps, side by side: 1×1, 3×3, another 3×3, and max pooling. */
export class Inception extends nn.Module {
  branch1: BasicConv2d;
  branch2: nn.Sequential;
  branch3: nn.Sequential;
  branch4: nn.Sequential;

  /** @param options the convolutions' own options: how their weights start */
  constructor(inChannels: number, channels: InceptionChannels, options: nn.Conv2dOptions = {}) {
    super();
    const { ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, poolProj } = channels;
    const narrow = (out: number) => new BasicConv2d(inChannels, out, 1, options);
    const wide = (from: number, out: number) => new BasicConv2d(from, out, 3, { ...options, padding: 1 });
    this.branch1 = narrow(ch1x1);
    this.branch2 = new nn.Sequential(narrow(ch3x3red), wide(ch3x3red, ch3x3));
    this.branch3 = new nn.Sequential(narrow(ch5x5red), wide(ch5x5red, ch5x5));
    this.branch4 = new nn.Sequential(
      new nn.MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }),
      narrow(poolProj),
    );
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const branches = [this.branch1, this.branch2, this.branch3, this.branch4];
    return tf.concat(branches.map((branch) => branch.forward(x)), 3);
  }
}

/** An auxiliary head: the maps' means over a grid of 4×4 cells, a 1×1 convolution, and two fully connected layers. */
class InceptionAux extends nn.Module {
  conv: BasicConv2d;
  fc1: nn.Linear;
  fc2: nn.Linear;
  dropout: nn.Dropout;

  constructor(inChannels: number, numClasses: number, dropout: number, init?: nn.init.Initializer) {
    super();
    this.conv = new BasicConv2d(inChannels, 128, 1, { init });
    this.fc1 = new nn.Linear(2048, 1024, { init });
    this.fc2 = new nn.Linear(1024, numClasses, { init });
    this.dropout = new nn.Dropout(dropout);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const cells = this.conv.forward(nn.functional.adaptiveAvgPool2d(x as tf.Tensor4D, [4, 4]));
    const features = nn.functional.relu(this.fc1.forward(nn.functional.flatten(cells)));
    return this.fc2.forward(this.dropout.forward(features));
  }
}

/** Options that the builder takes besides those of every builder. */
export interface GoogLeNetOptions {
  /**
   * Whether to have the two auxiliary heads; true, and false with pretrained weights, in whose file these heads were never
   * trained.
   */
  auxLogits?: boolean;
  /** Whether pictures come in ImageNet's colours and are to be brought to the scale from −1 to 1; false, true with weights. */
  transformInput?: boolean;
  /** Whether weights start from a normal distribution of deviation 0.01 instead of torch's defaults; true, false with weights. */
  initWeights?: boolean;
  /** The probability with which training drops a feature in front of the head; 0.2. */
  dropout?: number;
  /** The same in the auxiliary heads; 0.7. */
  dropoutAux?: number;
}

/** By how much the loss of each auxiliary head counts (section 5 of the paper). */
const auxiliaryWeight = 0.3;

/**
 * GoogLeNet for pictures `[N, H, W, 3]` of at least 15 pixels: logits `[N, numClasses]`.
 *
 * `forward` gives the logits in any mode; `nn.forwardWithAuxiliary(model, x)` gives those of the auxiliary heads too, and
 * `fit` trains with them. `model.aux1 = null` takes a head away.
 */
export class GoogLeNet extends nn.Module {
  conv1: BasicConv2d;
  maxpool1: nn.MaxPool2d = new nn.MaxPool2d(3, { stride: 2, ceilMode: true });
  conv2: BasicConv2d;
  conv3: BasicConv2d;
  maxpool2: nn.MaxPool2d = new nn.MaxPool2d(3, { stride: 2, ceilMode: true });
  inception3a: Inception;
  inception3b: Inception;
  maxpool3: nn.MaxPool2d = new nn.MaxPool2d(3, { stride: 2, ceilMode: true });
  inception4a: Inception;
  inception4b: Inception;
  inception4c: Inception;
  inception4d: Inception;
  inception4e: Inception;
  maxpool4: nn.MaxPool2d = new nn.MaxPool2d(2, { stride: 2, ceilMode: true });
  inception5a: Inception;
  inception5b: Inception;
  aux1: InceptionAux | null;
  aux2: InceptionAux | null;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d([1, 1]);
  dropout: nn.Dropout;
  fc: nn.Linear;
  /** Whether pictures come in ImageNet's colours and are to be brought to the scale from −1 to 1. */
  transformInput: boolean;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(options: GoogLeNetOptions & { numClasses?: number } = {}) {
    super();
    checkOptions("make GoogLeNet", options, known);
    const { numClasses = 1000, auxLogits = true, transformInput = false, initWeights = true } = options;
    const { dropout = 0.2, dropoutAux = 0.7 } = options;
    for (const [name, value] of Object.entries({ auxLogits, transformInput, initWeights })) {
      checkSwitch("GoogLeNet", name, value);
    }
    for (const [name, value] of Object.entries({ dropout, dropoutAux })) checkProbability("GoogLeNet", name, value);
    this.transformInput = transformInput;
    const init = initWeights ? nn.init.truncatedNormal(0.01) : undefined;
    const inception = (inChannels: number, ...widths: [number, number, number, number, number, number]) => {
      const [ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, poolProj] = widths;
      return new Inception(inChannels, { ch1x1, ch3x3red, ch3x3, ch5x5red, ch5x5, poolProj }, { init });
    };
    this.conv1 = new BasicConv2d(3, 64, 7, { stride: 2, padding: 3, init });
    this.conv2 = new BasicConv2d(64, 64, 1, { init });
    this.conv3 = new BasicConv2d(64, 192, 3, { padding: 1, init });
    this.inception3a = inception(192, 64, 96, 128, 16, 32, 32);
    this.inception3b = inception(256, 128, 128, 192, 32, 96, 64);
    this.inception4a = inception(480, 192, 96, 208, 16, 48, 64);
    this.inception4b = inception(512, 160, 112, 224, 24, 64, 64);
    this.inception4c = inception(512, 128, 128, 256, 24, 64, 64);
    this.inception4d = inception(512, 112, 144, 288, 32, 64, 64);
    this.inception4e = inception(528, 256, 160, 320, 32, 128, 128);
    this.inception5a = inception(832, 256, 160, 320, 32, 128, 128);
    this.inception5b = inception(832, 384, 192, 384, 48, 128, 128);
    this.aux1 = auxLogits ? new InceptionAux(512, numClasses, dropoutAux, init) : null;
    this.aux2 = auxLogits ? new InceptionAux(528, numClasses, dropoutAux, init) : null;
    this.dropout = new nn.Dropout(dropout);
    this.fc = new nn.Linear(1024, numClasses, { init });
  }

  override stages(): nn.Stage[] {
    const conv1 = nn.stage(this, "conv1", ["conv1", "maxpool1"]);
    return [
      { ...conv1, forward: (x) => conv1.forward!(inceptionInput(this, x, 15)) },
      nn.stage(this, "conv2"),
      nn.stage(this, "conv3", ["conv3", "maxpool2"]),
      nn.stage(this, "inception3a"),
      nn.stage(this, "inception3b", ["inception3b", "maxpool3"]),
      nn.withAuxiliary(nn.stage(this, "inception4a"), this, "aux1", auxiliaryWeight),
      nn.stage(this, "inception4b"),
      nn.stage(this, "inception4c"),
      nn.withAuxiliary(nn.stage(this, "inception4d"), this, "aux2", auxiliaryWeight),
      nn.stage(this, "inception4e", ["inception4e", "maxpool4"]),
      nn.stage(this, "inception5a"),
      nn.stage(this, "inception5b"),
      pooledStage(this),
      nn.stage(this, "fc", ["dropout", "fc"]),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

const known = ["numClasses", "auxLogits", "transformInput", "initWeights", "dropout", "dropoutAux"] as const;

// As torchvision's builder: the file has auxiliary heads, but they were never trained.
const weights: WeightsTable = {
  ...googlenetWeights.googlenet,
  entries: Object.fromEntries(
    Object.entries(googlenetWeights.googlenet.entries).map(([name, entry]) => [
      name,
      { ...entry, options: { ...entry.options, auxLogits: false, initWeights: false } },
    ]),
  ),
};

/**
 * GoogLeNet.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.googlenet({ numClasses: 9 }); // with { weights: "DEFAULT" } a promise of the pretrained network
 * console.log(model.stages().flatMap(({ auxiliary }) => auxiliary?.module ?? [])); // [ "aux1", "aux2" ]
 * ```
 */
export const googlenet: Builder<GoogLeNet, GoogLeNetOptions> = builder<GoogLeNet, GoogLeNetOptions>({
  name: "googlenet",
  family: "GoogLeNet",
  paper: {
    title: "Going Deeper with Convolutions",
    authors: "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
    year: 2014,
    url: "https://arxiv.org/abs/1409.4842",
  },
  head: "fc",
  auxiliaryHeads: ["aux1.fc2", "aux2.fc2"],
  weights,
  options: {
    auxLogits: "whether to have the auxiliary heads; true, and false with weights, in whose file they are untrained",
    transformInput: "whether to bring ImageNet's colours to the scale from −1 to 1; false, and true with weights",
    initWeights: "whether weights start from a normal distribution of deviation 0.01; true, and false with weights",
    dropout: "the probability with which training drops a feature in front of the head; 0.2",
    dropoutAux: "the same in the auxiliary heads; 0.7",
  },
  build: (options) => new GoogLeNet(options),
});

nn.nameClasses("torchvision.models.googlenet", { Inception, InceptionAux, GoogLeNet, BasicConv2d });
