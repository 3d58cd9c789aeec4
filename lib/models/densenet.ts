import * as tf from "@tensorflow/tfjs";
import { addModule } from "../nn/add_module.ts";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkWhole } from "../nn/pair.ts";
import { layerStages } from "./blocks/layer_stages.ts";
import { type Builder, builder } from "./builder.ts";
import { checkProbability } from "./check_values.ts";
import { densenetWeights } from "./tables/densenet.ts";
import type { WeightsTable } from "./weights_table.ts";

/**
 * DenseNet (Huang, Liu, van der Maaten & Weinberger 2016): every layer sees the maps of all the layers before it in its block
 * and adds a few of its own to them, so that nothing has to be learned twice.
 *
 * Batch norm and relu come before each convolution ("pre-activation"): each layer scales what is in the common pool for
 * itself.
 *
 * @module
 */

const init = nn.init.kaimingNormal();

function conv(inChannels: number, outChannels: number, kernelSize: number, options: nn.Conv2dOptions = {}): nn.Conv2d {
  return new nn.Conv2d(inChannels, outChannels, kernelSize, { bias: false, init, ...options });
}

const relu = () => new nn.ReLU({ inplace: true });

/** What the layers of a block have in common. */
interface LayerSettings {
  growthRate: number;
  bnSize: number;
  dropRate: number;
}

/** From all maps so far to `growthRate` new ones: a 1×1 convolution down to a few maps, a 3×3 there. */
class _DenseLayer extends nn.Module {
  norm1: nn.BatchNorm2d;
  relu1: nn.ReLU = relu();
  conv1: nn.Conv2d;
  norm2: nn.BatchNorm2d;
  relu2: nn.ReLU = relu();
  conv2: nn.Conv2d;
  readonly dropRate: number;

  constructor(inputFeatures: number, { growthRate, bnSize, dropRate }: LayerSettings) {
    super();
    const width = bnSize * growthRate;
    this.norm1 = new nn.BatchNorm2d(inputFeatures);
    this.conv1 = conv(inputFeatures, width, 1);
    this.norm2 = new nn.BatchNorm2d(width);
    this.conv2 = conv(width, growthRate, 3, { padding: 1 });
    this.dropRate = dropRate;
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const bottleneck = this.conv1.forward(this.relu1.forward(this.norm1.forward(x)));
    const y = this.conv2.forward(this.relu2.forward(this.norm2.forward(bottleneck)));
    return this.dropRate > 0 ? nn.functional.dropout(y, this.dropRate, this.isTraining) : y;
  }
}

/** Layers that each add their maps to those of all before them. */
class _DenseBlock extends nn.Module {
  constructor(layers: number, inputFeatures: number, settings: LayerSettings) {
    super();
    for (let i = 0; i < layers; i++) {
      addModule(this, `denselayer${i + 1}`, new _DenseLayer(inputFeatures + i * settings.growthRate, settings));
    }
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return this.children().reduce((maps, layer) => {
      const more = tf.tidy(() => tf.concat([maps, layer.forward(maps)], 3));
      // Of a block's 48 layers each would otherwise hold all maps once more until the block is done.
      if (maps !== x) maps.dispose();
      return more;
    }, x);
  }
}

/** Half as many maps, half as high and wide. */
class _Transition extends nn.Sequential {
  constructor(inputFeatures: number, outputFeatures: number) {
    super({
      norm: new nn.BatchNorm2d(inputFeatures),
      relu: relu(),
      conv: conv(inputFeatures, outputFeatures, 1),
      pool: new nn.AvgPool2d(2, { stride: 2 }),
    });
  }
}

/** Options that the builder takes besides those of every builder. */
export interface DenseNetOptions {
  /** How many maps a layer's 1×1 convolution makes, in multiples of the growth rate; 4. */
  bnSize?: number;
  /** The probability with which training drops a value of a layer's new maps; 0. */
  dropRate?: number;
}

/** Options of {@linkcode DenseNet}, with torchvision's defaults. */
export interface DenseNetArguments extends DenseNetOptions {
  /** How many maps each layer adds; 32. */
  growthRate?: number;
  /** How many layers each block has; 6, 12, 24 and 16. */
  blockConfig?: readonly number[];
  /** How many maps the first convolution makes; 64. */
  numInitFeatures?: number;
  /** How many classes to tell apart; 1000. */
  numClasses?: number;
}

/**
 * A DenseNet for pictures `[N, H, W, 3]` of at least 29 pixels: logits `[N, numClasses]`.
 *
 * Its stages are the first convolution with its pool, each block, each transition between two blocks, the last batch norm
 * with the mean over all places, and the classifier. A path such as `"features.denseblock4.denselayer9"` divides a block.
 *
 * @example
 * ```ts
 * import { models } from "thaw";
 *
 * const small = new models.DenseNet({ growthRate: 12, blockConfig: [4, 4], numInitFeatures: 24, numClasses: 9 });
 * console.log(small.stages().map(({ name }) => name.replace("features.", "")).join(" "));
 * // conv0 denseblock1 transition1 denseblock2 norm5 classifier
 * ```
 */
export class DenseNet extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Linear;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(options: DenseNetArguments = {}) {
    super();
    checkOptions("make DenseNet", options, known);
    const { growthRate = 32, blockConfig = [6, 12, 24, 16], numInitFeatures = 64, numClasses = 1000 } = options;
    const { bnSize = 4, dropRate = 0 } = options;
    for (const [option, value] of Object.entries({ growthRate, numInitFeatures, bnSize, numClasses })) {
      checkWhole("DenseNet", option, value, 1);
    }
    checkBlocks(blockConfig);
    checkProbability("DenseNet", "dropRate", dropRate);

    this.features = new nn.Sequential({
      conv0: conv(3, numInitFeatures, 7, { stride: 2, padding: 3 }),
      norm0: new nn.BatchNorm2d(numInitFeatures),
      relu0: relu(),
      pool0: new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
    });
    let maps = numInitFeatures;
    blockConfig.forEach((layers, i) => {
      if (i > 0) {
        addModule(this.features, `transition${i}`, new _Transition(maps, maps >> 1));
        maps >>= 1;
      }
      addModule(this.features, `denseblock${i + 1}`, new _DenseBlock(layers, maps, { growthRate, bnSize, dropRate }));
      maps += layers * growthRate;
    });
    addModule(this.features, "norm5", new nn.BatchNorm2d(maps));
    this.classifier = new nn.Linear(maps, numClasses, { biasInit: nn.init.constant(0) });
  }

  override stages(): nn.Stage[] {
    // norm0 goes with the first convolution, as batch norms do; norm5 normalizes what all blocks have made.
    const begins = (layer: nn.Module, name: string) => layer.parameters().length > 0 && name !== "norm0";
    const stages = layerStages(this, "features", begins);
    const last = stages.pop()!;
    return [
      ...stages,
      { ...last, forward: (x) => pooled(last.forward!(x)) },
      nn.stage(this, "classifier"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

const known = ["growthRate", "blockConfig", "numInitFeatures", "bnSize", "dropRate", "numClasses"] as const;

/** The mean of each map over all places, `[N, C]`, of what is above zero. */
function pooled(maps: tf.Tensor): tf.Tensor {
  const positive = nn.functional.relu(maps) as tf.Tensor4D;
  return nn.functional.flatten(nn.functional.adaptiveAvgPool2d(positive, 1));
}

function checkBlocks(blocks: readonly number[]): void {
  if (Array.isArray(blocks) && blocks.length > 0 && blocks.every((n) => Number.isInteger(n) && n > 0)) return;
  throw new TypeError(
    "Cannot make DenseNet: expected blockConfig to be the number of layers of each block, such as [6, 12, 24, 16], " +
      `found ${JSON.stringify(blocks)}`,
  );
}

/** The weights' files are older than the rule that names have no dots: `norm1` is `norm.1` there. */
function withoutDots(name: string): string {
  return name.replace(/(denselayer\d+\.(?:norm|relu|conv))\.([12]\.(?:weight|bias|running_mean|running_var))$/, "$1$2");
}

function weightsOf(name: keyof typeof densenetWeights): WeightsTable {
  const { entries, ...table } = densenetWeights[name];
  const renamed = Object.entries(entries).map(([key, weights]) => [key, { ...weights, rename: withoutDots }]);
  return { ...table, entries: Object.fromEntries(renamed) };
}

function variant(
  name: keyof typeof densenetWeights,
  shape: Required<Pick<DenseNetArguments, "growthRate" | "blockConfig" | "numInitFeatures">>,
): Builder<DenseNet, DenseNetOptions> {
  return builder<DenseNet, DenseNetOptions>({
    name,
    family: "DenseNet",
    paper: {
      title: "Densely Connected Convolutional Networks",
      authors: "Huang, Liu, van der Maaten, Weinberger",
      year: 2016,
      url: "https://arxiv.org/abs/1608.06993",
    },
    head: "classifier",
    weights: weightsOf(name),
    options: {
      bnSize: "how many maps a layer's 1×1 convolution makes, in multiples of the growth rate; 4",
      dropRate: "the probability with which training drops a value of a layer's new maps; 0",
    },
    build: (options) => new DenseNet({ ...options, ...shape }),
  });
}

/**
 * DenseNet-121, the smallest.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.densenet121(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier = new nn.Linear(model.classifier.inFeatures, 9);
 * console.log(model.stages().length, model.classifier.inFeatures); // 10 1024
 * ```
 */
export const densenet121: Builder<DenseNet, DenseNetOptions> = variant("densenet121", {
  growthRate: 32,
  blockConfig: [6, 12, 24, 16],
  numInitFeatures: 64,
});

/** DenseNet-161, the widest. */
export const densenet161: Builder<DenseNet, DenseNetOptions> = variant("densenet161", {
  growthRate: 48,
  blockConfig: [6, 12, 36, 24],
  numInitFeatures: 96,
});

/** DenseNet-169. */
export const densenet169: Builder<DenseNet, DenseNetOptions> = variant("densenet169", {
  growthRate: 32,
  blockConfig: [6, 12, 32, 32],
  numInitFeatures: 64,
});

/** DenseNet-201, the deepest. */
export const densenet201: Builder<DenseNet, DenseNetOptions> = variant("densenet201", {
  growthRate: 32,
  blockConfig: [6, 12, 48, 32],
  numInitFeatures: 64,
});

nn.nameClasses("torchvision.models.densenet", { _DenseLayer, _DenseBlock, _Transition, DenseNet });
