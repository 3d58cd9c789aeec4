import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import { checkWhole } from "../nn/pair.ts";
import { layerStages } from "./blocks/layer_stages.ts";
import { pooledStage } from "./blocks/pooled_stage.ts";
import { type Builder, builder } from "./builder.ts";
import { checkProbability } from "./check_values.ts";
import { alexnetWeights } from "./tables/alexnet.ts";

/**
 * AlexNet: the network whose lead in 2012 (Krizhevsky, Sutskever & Hinton) turned the field to deep learning, in the slimmer
 * form of Krizhevsky 2014 that torchvision has.
 *
 * Five convolutions with large steps, then three fully connected layers, which have 96 % of the parameters.
 *
 * @module
 */

/** Options that the builder takes besides those of every builder. */
export interface AlexNetOptions {
  /** The probability with which training drops a feature in front of the first two fully connected layers; 0.5. */
  dropout?: number;
}

/**
 * AlexNet for pictures `[N, H, W, 3]` of at least 63 pixels: logits `[N, numClasses]`.
 *
 * Its stages are its layers with weights: `freeze(model, { until: "classifier" })` trains the fully connected ones.
 */
export class AlexNet extends nn.Module {
  features: nn.Sequential = new nn.Sequential(
    new nn.Conv2d(3, 64, 11, { stride: 4, padding: 2 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, { stride: 2 }),
    new nn.Conv2d(64, 192, 5, { padding: 2 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, { stride: 2 }),
    new nn.Conv2d(192, 384, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.Conv2d(384, 256, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.Conv2d(256, 256, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, { stride: 2 }),
  );
  avgpool: nn.AdaptiveAvgPool2d = new nn.AdaptiveAvgPool2d([6, 6]);
  classifier: nn.Sequential;

  /** @throws {TypeError | RangeError} naming the option that cannot be */
  constructor(options: AlexNetOptions & { numClasses?: number } = {}) {
    super();
    checkOptions("make AlexNet", options, ["numClasses", "dropout"]);
    const { numClasses = 1000, dropout = 0.5 } = options;
    checkWhole("AlexNet", "numClasses", numClasses, 1);
    checkProbability("AlexNet", "dropout", dropout);
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      new nn.Linear(256 * 6 * 6, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Linear(4096, numClasses),
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

/**
 * AlexNet.
 *
 * @example
 * ```ts
 * import { freeze, models, nn } from "thaw";
 *
 * const model = models.alexnet(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[6] = new nn.Linear(model.classifier.get("6", nn.Linear).inFeatures, 9);
 * console.log(freeze(model, { until: "classifier.6" }).trainable); // 36873
 * ```
 */
export const alexnet: Builder<AlexNet, AlexNetOptions> = builder<AlexNet, AlexNetOptions>({
  name: "alexnet",
  family: "AlexNet",
  paper: {
    title: "One weird trick for parallelizing convolutional neural networks",
    authors: "Krizhevsky",
    year: 2014,
    url: "https://arxiv.org/abs/1404.5997",
  },
  head: "classifier.6",
  weights: alexnetWeights.alexnet,
  options: {
    dropout:
      "the probability with which training drops a feature in front of the first two fully connected layers; 0.5",
  },
  build: (options) => new AlexNet(options),
});

nn.nameClasses("torchvision.models.alexnet", { AlexNet });
