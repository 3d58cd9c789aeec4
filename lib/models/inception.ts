import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { BasicConv2d } from "./blocks/basic_conv2d.ts";
import { inceptionInput } from "./blocks/inception_input.ts";
import { pooledStage } from "./blocks/pooled_stage.ts";
import { type Builder, builder } from "./builder.ts";
import { checkProbability, checkSwitch } from "./check_values.ts";
import { inceptionWeights } from "./tables/inception.ts";
import type { WeightsTable } from "./weights_table.ts";

/**
 * Inception v3 (Szegedy et al. 2015), for pictures of 299 pixels.
 *
 * GoogLeNet's idea carried further: a large filter becomes several small ones in a row, a 7×7 filter a 1×7 and a 7×1. While
 * it trains, one auxiliary head brings the loss near to the layers below.
 *
 * @module
 */

/** How the blocks' convolutions start. */
type Start = { init?: nn.init.Initializer };

/** Lays what the branches make of the same maps side by side. */
function sideBySide(...branches: tf.Tensor[]): tf.Tensor {
  return tf.concat(branches, 3);
}

/** Runs modules one after the other. */
function chain(x: tf.Tensor, ...modules: nn.Module[]): tf.Tensor {
  return modules.reduce((value, module) => module.forward(value), x);
}

function meanOf3x3(x: tf.Tensor): tf.Tensor {
  return nn.functional.avgPool2d(x as tf.Tensor4D, 3, { stride: 1, padding: 1 });
}

function halvedByMax(x: tf.Tensor): tf.Tensor {
  return nn.functional.maxPool2d(x as tf.Tensor4D, 3, { stride: 2 });
}

/** 1×1, 5×5, two 3×3 in a row, and average pooling. */
export class InceptionA extends nn.Module {
  branch1x1: nn.Module;
  branch5x5_1: nn.Module;
  branch5x5_2: nn.Module;
  branch3x3dbl_1: nn.Module;
  branch3x3dbl_2: nn.Module;
  branch3x3dbl_3: nn.Module;
  branch_pool: nn.Module;

  /** @param poolFeatures channels of the branch with the pooling */
  constructor(inChannels: number, poolFeatures: number, start: Start = {}) {
    super();
    this.branch1x1 = new BasicConv2d(inChannels, 64, 1, start);
    this.branch5x5_1 = new BasicConv2d(inChannels, 48, 1, start);
    this.branch5x5_2 = new BasicConv2d(48, 64, 5, { padding: 2, ...start });
    this.branch3x3dbl_1 = new BasicConv2d(inChannels, 64, 1, start);
    this.branch3x3dbl_2 = new BasicConv2d(64, 96, 3, { padding: 1, ...start });
    this.branch3x3dbl_3 = new BasicConv2d(96, 96, 3, { padding: 1, ...start });
    this.branch_pool = new BasicConv2d(inChannels, poolFeatures, 1, start);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return sideBySide(
      this.branch1x1.forward(x),
      chain(x, this.branch5x5_1, this.branch5x5_2),
      chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3),
      this.branch_pool.forward(meanOf3x3(x)),
    );
  }
}

/** Halves height and width: 3×3, two 3×3 in a row, and max pooling. */
export class InceptionB extends nn.Module {
  branch3x3: nn.Module;
  branch3x3dbl_1: nn.Module;
  branch3x3dbl_2: nn.Module;
  branch3x3dbl_3: nn.Module;

  constructor(inChannels: number, start: Start = {}) {
    super();
    this.branch3x3 = new BasicConv2d(inChannels, 384, 3, { stride: 2, ...start });
    this.branch3x3dbl_1 = new BasicConv2d(inChannels, 64, 1, start);
    this.branch3x3dbl_2 = new BasicConv2d(64, 96, 3, { padding: 1, ...start });
    this.branch3x3dbl_3 = new BasicConv2d(96, 96, 3, { stride: 2, ...start });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return sideBySide(
      this.branch3x3.forward(x),
      chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3),
      halvedByMax(x),
    );
  }
}

/** 1×1, 7×7 as 1×7 and 7×1, that twice in a row, and average pooling. */
export class InceptionC extends nn.Module {
  branch1x1: nn.Module;
  branch7x7_1: nn.Module;
  branch7x7_2: nn.Module;
  branch7x7_3: nn.Module;
  branch7x7dbl_1: nn.Module;
  branch7x7dbl_2: nn.Module;
  branch7x7dbl_3: nn.Module;
  branch7x7dbl_4: nn.Module;
  branch7x7dbl_5: nn.Module;
  branch_pool: nn.Module;

  /** @param channels7x7 channels between the long filters */
  constructor(inChannels: number, channels7x7: number, start: Start = {}) {
    super();
    const { across, down } = longFilters(7, start);
    const c7 = channels7x7;
    this.branch1x1 = new BasicConv2d(inChannels, 192, 1, start);
    this.branch7x7_1 = new BasicConv2d(inChannels, c7, 1, start);
    this.branch7x7_2 = across(c7, c7);
    this.branch7x7_3 = down(c7, 192);
    this.branch7x7dbl_1 = new BasicConv2d(inChannels, c7, 1, start);
    this.branch7x7dbl_2 = down(c7, c7);
    this.branch7x7dbl_3 = across(c7, c7);
    this.branch7x7dbl_4 = down(c7, c7);
    this.branch7x7dbl_5 = across(c7, 192);
    this.branch_pool = new BasicConv2d(inChannels, 192, 1, start);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return sideBySide(
      this.branch1x1.forward(x),
      chain(x, this.branch7x7_1, this.branch7x7_2, this.branch7x7_3),
      chain(
        x,
        this.branch7x7dbl_1,
        this.branch7x7dbl_2,
        this.branch7x7dbl_3,
        this.branch7x7dbl_4,
        this.branch7x7dbl_5,
      ),
      this.branch_pool.forward(meanOf3x3(x)),
    );
  }
}

/** Halves height and width: 3×3, 7×7 as 1×7 and 7×1 and then 3×3, and max pooling. */
export class InceptionD extends nn.Module {
  branch3x3_1: nn.Module;
  branch3x3_2: nn.Module;
  branch7x7x3_1: nn.Module;
  branch7x7x3_2: nn.Module;
  branch7x7x3_3: nn.Module;
  branch7x7x3_4: nn.Module;

  constructor(inChannels: number, start: Start = {}) {
    super();
    const { across, down } = longFilters(7, start);
    this.branch3x3_1 = new BasicConv2d(inChannels, 192, 1, start);
    this.branch3x3_2 = new BasicConv2d(192, 320, 3, { stride: 2, ...start });
    this.branch7x7x3_1 = new BasicConv2d(inChannels, 192, 1, start);
    this.branch7x7x3_2 = across(192, 192);
    this.branch7x7x3_3 = down(192, 192);
    this.branch7x7x3_4 = new BasicConv2d(192, 192, 3, { stride: 2, ...start });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return sideBySide(
      chain(x, this.branch3x3_1, this.branch3x3_2),
      chain(x, this.branch7x7x3_1, this.branch7x7x3_2, this.branch7x7x3_3, this.branch7x7x3_4),
      halvedByMax(x),
    );
  }
}

/** The widest: its 3×3 filters are a 1×3 and a 3×1 side by side. */
export class InceptionE extends nn.Module {
  branch1x1: nn.Module;
  branch3x3_1: nn.Module;
  branch3x3_2a: nn.Module;
  branch3x3_2b: nn.Module;
  branch3x3dbl_1: nn.Module;
  branch3x3dbl_2: nn.Module;
  branch3x3dbl_3a: nn.Module;
  branch3x3dbl_3b: nn.Module;
  branch_pool: nn.Module;

  constructor(inChannels: number, start: Start = {}) {
    super();
    const { across, down } = longFilters(3, start);
    this.branch1x1 = new BasicConv2d(inChannels, 320, 1, start);
    this.branch3x3_1 = new BasicConv2d(inChannels, 384, 1, start);
    this.branch3x3_2a = across(384, 384);
    this.branch3x3_2b = down(384, 384);
    this.branch3x3dbl_1 = new BasicConv2d(inChannels, 448, 1, start);
    this.branch3x3dbl_2 = new BasicConv2d(448, 384, 3, { padding: 1, ...start });
    this.branch3x3dbl_3a = across(384, 384);
    this.branch3x3dbl_3b = down(384, 384);
    this.branch_pool = new BasicConv2d(inChannels, 192, 1, start);
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const single = this.branch3x3_1.forward(x);
    const double = chain(x, this.branch3x3dbl_1, this.branch3x3dbl_2);
    return sideBySide(
      this.branch1x1.forward(x),
      this.branch3x3_2a.forward(single),
      this.branch3x3_2b.forward(single),
      this.branch3x3dbl_3a.forward(double),
      this.branch3x3dbl_3b.forward(double),
      this.branch_pool.forward(meanOf3x3(x)),
    );
  }
}

/** Makes filters of one row and of one column that keep height and width. */
function longFilters(length: number, start: Start) {
  const padding = (length - 1) / 2;
  return {
    across: (from: number, to: number) => new BasicConv2d(from, to, [1, length], { padding: [0, padding], ...start }),
    down: (from: number, to: number) => new BasicConv2d(from, to, [length, 1], { padding: [padding, 0], ...start }),
  };
}

/** The auxiliary head. It takes the middle's maps as pictures of 299 pixels give them. */
class InceptionAux extends nn.Module {
  conv0: BasicConv2d;
  conv1: BasicConv2d;
  fc: nn.Linear;

  constructor(inChannels: number, numClasses: number, initWeights: boolean, start: Start) {
    super();
    this.conv0 = new BasicConv2d(inChannels, 128, 1, start);
    // torchvision means this one to start at 0.01, but notes that where its initialization does not look.
    this.conv1 = new BasicConv2d(128, 768, 5, start);
    this.fc = new nn.Linear(768, numClasses, { init: initWeights ? nn.init.truncatedNormal(0.001) : undefined });
  }

  /** @throws {RangeError} where the maps are too small for its windows */
  override forward(x: tf.Tensor): tf.Tensor {
    const [, height, width] = x.shape;
    if (height! < 17 || width! < 17) {
      throw new RangeError(
        `expected maps of at least 17 × 17, as pictures of 299 × 299 pixels give, found ${height} × ${width}; enlarge the ` +
          "pictures, or leave the auxiliary head out: auxLogits: false, or model.AuxLogits = null",
      );
    }
    const means = nn.functional.avgPool2d(x as tf.Tensor4D, 5, { stride: 3 });
    const features = chain(means, this.conv0, this.conv1) as tf.Tensor4D;
    return this.fc.forward(nn.functional.flatten(nn.functional.adaptiveAvgPool2d(features, 1)));
  }
}

/** Options that the builder takes besides those of every builder. */
export interface InceptionOptions {
  /** Whether to have the auxiliary head, which takes pictures of at least 299 pixels; true. */
  auxLogits?: boolean;
  /** Whether pictures come in ImageNet's colours and are to be brought to the scale from −1 to 1; false, true with weights. */
  transformInput?: boolean;
  /** Whether weights start from a normal distribution of deviation 0.1 instead of torch's defaults; true, false with weights. */
  initWeights?: boolean;
  /** The probability with which training drops a feature in front of the head; 0.5. */
  dropout?: number;
}

/** By how much the loss of the auxiliary head counts: as in Google's own training, and in most of PyTorch's examples. */
const auxiliaryWeight = 0.4;

/**
 * Inception v3 for pictures `[N, H, W, 3]` of at least 75 pixels: logits `[N, numClasses]`. It was made for 299 pixels, and its
 * auxiliary head needs as many.
 *
 * `forward` gives the logits in any mode; `nn.forwardWithAuxiliary(model, x)` gives those of the auxiliary head too, and `fit`
 * trains with it. `model.AuxLogits = null` takes it away.
 */
export class Inception3 extends nn.Module {
  Conv2d_1a_3x3: nn.Module;
  Conv2d_2a_3x3: nn.Module;
  Conv2d_2b_3x3: nn.Module;
  maxpool1: nn.MaxPool2d = new nn.MaxPool2d(3, { stride: 2 });
  Conv2d_3b_1x1: nn.Module;
  Conv2d_4a_3x3: nn.Module;
  maxpool2: nn.MaxPool2d = new nn.MaxPool2d(3, { stride: 2 });
  Mixed_5b: nn.Module;
  Mixed_5c: nn.Module;
  Mixed_5d: nn.Module;
  Mixed_6a: nn.Module;
  Mixed_6b: nn.Module;
  Mixed_6c: nn.Module;
  Mixed_6d: nn.Module;
  Mixed_6e: nn.Module;
  AuxLogits: InceptionAux | null;
  Mixed_7a: nn.Module;
  Mixed_7b: nn.Module;
  Mixed_7c: nn.Module;
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d([1, 1]);
  dropout: nn.Dropout;
  fc: nn.Linear;
  /** Whether pictures come in ImageNet's colours and are to be brought to the scale from −1 to 1. */
  transformInput: boolean;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(options: InceptionOptions & { numClasses?: number } = {}) {
    super();
    checkOptions("make Inception3", options, known);
    const { numClasses = 1000, auxLogits = true, transformInput = false, initWeights = true, dropout = 0.5 } = options;
    for (const [name, value] of Object.entries({ auxLogits, transformInput, initWeights })) {
      checkSwitch("Inception3", name, value);
    }
    checkProbability("Inception3", "dropout", dropout);
    this.transformInput = transformInput;
    const start: Start = { init: initWeights ? nn.init.truncatedNormal(0.1) : undefined };
    this.Conv2d_1a_3x3 = new BasicConv2d(3, 32, 3, { stride: 2, ...start });
    this.Conv2d_2a_3x3 = new BasicConv2d(32, 32, 3, start);
    this.Conv2d_2b_3x3 = new BasicConv2d(32, 64, 3, { padding: 1, ...start });
    this.Conv2d_3b_1x1 = new BasicConv2d(64, 80, 1, start);
    this.Conv2d_4a_3x3 = new BasicConv2d(80, 192, 3, start);
    this.Mixed_5b = new InceptionA(192, 32, start);
    this.Mixed_5c = new InceptionA(256, 64, start);
    this.Mixed_5d = new InceptionA(288, 64, start);
    this.Mixed_6a = new InceptionB(288, start);
    this.Mixed_6b = new InceptionC(768, 128, start);
    this.Mixed_6c = new InceptionC(768, 160, start);
    this.Mixed_6d = new InceptionC(768, 160, start);
    this.Mixed_6e = new InceptionC(768, 192, start);
    this.AuxLogits = auxLogits ? new InceptionAux(768, numClasses, initWeights, start) : null;
    this.Mixed_7a = new InceptionD(768, start);
    this.Mixed_7b = new InceptionE(1280, start);
    this.Mixed_7c = new InceptionE(2048, start);
    this.dropout = new nn.Dropout(dropout);
    this.fc = new nn.Linear(2048, numClasses, start);
  }

  override stages(): nn.Stage[] {
    const first = nn.stage(this, "Conv2d_1a_3x3");
    return [
      { ...first, forward: (x) => first.forward!(inceptionInput(this, x, 75)) },
      nn.stage(this, "Conv2d_2a_3x3"),
      nn.stage(this, "Conv2d_2b_3x3", ["Conv2d_2b_3x3", "maxpool1"]),
      nn.stage(this, "Conv2d_3b_1x1"),
      nn.stage(this, "Conv2d_4a_3x3", ["Conv2d_4a_3x3", "maxpool2"]),
      ...["5b", "5c", "5d", "6a", "6b", "6c", "6d"].map((name) => nn.stage(this, `Mixed_${name}`)),
      nn.withAuxiliary(nn.stage(this, "Mixed_6e"), this, "AuxLogits", auxiliaryWeight),
      ...["7a", "7b", "7c"].map((name) => nn.stage(this, `Mixed_${name}`)),
      pooledStage(this),
      nn.stage(this, "fc", ["dropout", "fc"]),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

const known = ["numClasses", "auxLogits", "transformInput", "initWeights", "dropout"] as const;

const weights: WeightsTable = {
  ...inceptionWeights.inception_v3,
  entries: Object.fromEntries(
    Object.entries(inceptionWeights.inception_v3.entries).map(([name, entry]) => [
      name,
      { ...entry, options: { ...entry.options, initWeights: false } }, // as torchvision's builder
    ]),
  ),
};

/**
 * Inception v3.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * // with { weights: "DEFAULT" } a promise of the pretrained network
 * const model = models.inception_v3({ numClasses: 9, auxLogits: false });
 * console.log(model.stages().length, model.fc.inFeatures); // 18 2048
 * ```
 */
export const inception_v3: Builder<Inception3, InceptionOptions> = builder<Inception3, InceptionOptions>({
  name: "inception_v3",
  family: "Inception",
  paper: {
    title: "Rethinking the Inception Architecture for Computer Vision",
    authors: "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
    year: 2015,
    url: "https://arxiv.org/abs/1512.00567",
  },
  head: "fc",
  auxiliaryHeads: ["AuxLogits.fc"],
  weights,
  options: {
    auxLogits: "whether to have the auxiliary head, which takes pictures of at least 299 pixels; true",
    transformInput: "whether to bring ImageNet's colours to the scale from −1 to 1; false, and true with weights",
    initWeights: "whether weights start from a normal distribution of deviation 0.1; true, and false with weights",
    dropout: "the probability with which training drops a feature in front of the head; 0.5",
  },
  build: (options) => new Inception3(options),
});

nn.nameClasses("torchvision.models.inception", {
  InceptionA,
  InceptionB,
  InceptionC,
  InceptionD,
  InceptionE,
  InceptionAux,
  Inception3,
  BasicConv2d,
});
