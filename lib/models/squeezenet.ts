import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkWhole } from "../nn/pair.ts";
import { layerStages } from "./blocks/layer_stages.ts";
import { type Builder, builder } from "./builder.ts";
import { checkProbability } from "./check_values.ts";
import { squeezenetWeights } from "./tables/squeezenet.ts";

/**
 * SqueezeNet (Iandola et al. 2016): AlexNet's accuracy with a fiftieth of its parameters. Most filters are 1×1, the 3×3 ones
 * see few channels, and no layer is fully connected: the head is a convolution to one map a class, whose mean is the logit.
 *
 * @module
 */

const init = nn.init.kaimingUniform();
const biasInit = nn.init.constant(0);

function conv(inChannels: number, outChannels: number, kernelSize: number, options: nn.Conv2dOptions = {}): nn.Conv2d {
  return new nn.Conv2d(inChannels, outChannels, kernelSize, { init, biasInit, ...options });
}

const relu = () => new nn.ReLU({ inplace: true });
const pool = () => new nn.MaxPool2d(3, { stride: 2, ceilMode: true });

/** A 1×1 convolution down to few channels, then 1×1 and 3×3 filters side by side; their maps are put together. */
export class Fire extends nn.Module {
  squeeze: nn.Conv2d;
  squeeze_activation: nn.ReLU = relu();
  expand1x1: nn.Conv2d;
  expand1x1_activation: nn.ReLU = relu();
  expand3x3: nn.Conv2d;
  expand3x3_activation: nn.ReLU = relu();

  /**
   * @param inplanes channels of the input
   * @param squeezePlanes channels of the squeeze
   * @param expand1x1Planes channels that the 1×1 filters make
   * @param expand3x3Planes channels that the 3×3 filters make
   */
  constructor(readonly inplanes: number, squeezePlanes: number, expand1x1Planes: number, expand3x3Planes: number) {
    super();
    this.squeeze = conv(inplanes, squeezePlanes, 1);
    this.expand1x1 = conv(squeezePlanes, expand1x1Planes, 1);
    this.expand3x3 = conv(squeezePlanes, expand3x3Planes, 3, { padding: 1 });
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const squeezed = this.squeeze_activation.forward(this.squeeze.forward(x));
    return tf.concat([
      this.expand1x1_activation.forward(this.expand1x1.forward(squeezed)),
      this.expand3x3_activation.forward(this.expand3x3.forward(squeezed)),
    ], 3);
  }
}

const featuresOf = {
  "1_0": () => [
    conv(3, 96, 7, { stride: 2 }),
    relu(),
    pool(),
    new Fire(96, 16, 64, 64),
    new Fire(128, 16, 64, 64),
    new Fire(128, 32, 128, 128),
    pool(),
    new Fire(256, 32, 128, 128),
    new Fire(256, 48, 192, 192),
    new Fire(384, 48, 192, 192),
    new Fire(384, 64, 256, 256),
    pool(),
    new Fire(512, 64, 256, 256),
  ],
  "1_1": () => [
    conv(3, 64, 3, { stride: 2 }),
    relu(),
    pool(),
    new Fire(64, 16, 64, 64),
    new Fire(128, 16, 64, 64),
    pool(),
    new Fire(128, 32, 128, 128),
    new Fire(256, 32, 128, 128),
    pool(),
    new Fire(256, 48, 192, 192),
    new Fire(384, 48, 192, 192),
    new Fire(384, 64, 256, 256),
    new Fire(512, 64, 256, 256),
  ],
};

/** Options that the builder takes besides those of every builder. */
export interface SqueezeNetOptions {
  /** The probability with which training drops a value of the last maps; 0.5. */
  dropout?: number;
}

/** A SqueezeNet for pictures `[N, H, W, 3]`: logits `[N, numClasses]`. */
export class SqueezeNet extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Sequential;

  /**
   * @param version `"1_0"` is the paper's, `"1_1"` computes less than half as much and is as good
   * @throws {TypeError | RangeError} naming the option that cannot be
   */
  constructor(version: "1_0" | "1_1" = "1_0", options: SqueezeNetOptions & { numClasses?: number } = {}) {
    super();
    if (!Object.hasOwn(featuresOf, version)) {
      throw new RangeError(`Cannot make SqueezeNet: expected version "1_0" or "1_1", found ${JSON.stringify(version)}`);
    }
    checkOptions("make SqueezeNet", options, ["numClasses", "dropout"]);
    const { numClasses = 1000, dropout = 0.5 } = options;
    checkWhole("SqueezeNet", "numClasses", numClasses, 1);
    checkProbability("SqueezeNet", "dropout", dropout);
    this.features = new nn.Sequential(...featuresOf[version]());
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      conv(512, numClasses, 1, { init: nn.init.normal(0, 0.01) }),
      relu(),
      new nn.AdaptiveAvgPool2d([1, 1]),
    );
  }

  override stages(): nn.Stage[] {
    return [
      ...layerStages(this, "features"),
      {
        name: "classifier",
        modules: ["classifier"],
        forward: (x) => nn.functional.flatten(this.classifier.forward(x)),
      },
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

function variant(name: keyof typeof squeezenetWeights, version: "1_0" | "1_1"): Builder<SqueezeNet, SqueezeNetOptions> {
  return builder<SqueezeNet, SqueezeNetOptions>({
    name,
    family: "SqueezeNet",
    paper: {
      title: "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
      authors: "Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer",
      year: 2016,
      url: "https://arxiv.org/abs/1602.07360",
    },
    head: "classifier.1",
    weights: squeezenetWeights[name],
    options: { dropout: "the probability with which training drops a value of the last maps; 0.5" },
    build: (options) => new SqueezeNet(version, options),
  });
}

/** SqueezeNet 1.0, the paper's. */
export const squeezenet1_0: Builder<SqueezeNet, SqueezeNetOptions> = variant("squeezenet1_0", "1_0");

/**
 * SqueezeNet 1.1: less than half the work of 1.0, and as good.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = models.squeezenet1_1(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[1] = new nn.Conv2d(512, 9, 1); // the head is a convolution
 * console.log(model.eval().forward(tf.zeros([1, 64, 64, 3])).shape); // [ 1, 9 ]
 * ```
 */
export const squeezenet1_1: Builder<SqueezeNet, SqueezeNetOptions> = variant("squeezenet1_1", "1_1");

nn.nameClasses("torchvision.models.squeezenet", { Fire, SqueezeNet });
