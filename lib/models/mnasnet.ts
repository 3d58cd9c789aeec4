import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import * as nn from "../nn/mod.ts";
import type { LoadStateDictOptions } from "../nn/mod.ts";
import type { StateDict } from "../weights/state_dict.ts";
import { layerStages } from "./blocks/layer_stages.ts";
import { makeDivisible } from "./blocks/make_divisible.ts";
import { type Builder, builder } from "./builder.ts";
import { checkPositive, checkProbability } from "./check_values.ts";
import { mnasnetWeights } from "./tables/mnasnet.ts";

/**
 * MNASNet (Tan et al. 2018): its structure was not drawn but searched for, by a program that measured on a phone how fast and
 * how good each candidate was. This is the paper's variant B1.
 *
 * @module
 */

// The paper's 0.9997 is the share of the old statistics, torch's momentum that of the new ones.
const momentum = 1 - 0.9997;

const init = nn.init.kaimingNormal("fan_out");

function norm(channels: number): nn.BatchNorm2d {
  return new nn.BatchNorm2d(channels, { momentum });
}

function relu(): nn.ReLU {
  return new nn.ReLU({ inplace: true });
}

function pointwise(inChannels: number, outChannels: number): nn.Conv2d {
  return new nn.Conv2d(inChannels, outChannels, 1, { bias: false, init });
}

function depthwise(channels: number, kernelSize: number, stride: number): nn.Conv2d {
  const padding = kernelSize >> 1;
  return new nn.Conv2d(channels, channels, kernelSize, { padding, stride, groups: channels, bias: false, init });
}

/** Widens by a 1×1 convolution, looks around in each channel by itself, and narrows again; adds its input where it can. */
class _InvertedResidual extends nn.Module {
  layers: nn.Sequential;
  readonly applyResidual: boolean;

  constructor(inChannels: number, outChannels: number, { kernelSize, stride, expansion }: StackSettings) {
    super();
    const wide = inChannels * expansion;
    this.applyResidual = inChannels === outChannels && stride === 1;
    this.layers = new nn.Sequential(
      pointwise(inChannels, wide),
      norm(wide),
      relu(),
      depthwise(wide, kernelSize, stride),
      norm(wide),
      relu(),
      pointwise(wide, outChannels),
      norm(outChannels),
    );
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const y = this.layers.forward(x);
    return this.applyResidual ? tf.add(y, x) : y;
  }
}

/** What the blocks of a stack are; the first has the stride. */
interface StackSettings {
  kernelSize: 3 | 5;
  stride: 1 | 2;
  /** By how much a block widens. */
  expansion: number;
}

function stack(inChannels: number, outChannels: number, blocks: number, settings: StackSettings): nn.Sequential {
  return new nn.Sequential(...Array.from({ length: blocks }, (_, i) => {
    if (i === 0) return new _InvertedResidual(inChannels, outChannels, settings);
    return new _InvertedResidual(outChannels, outChannels, { ...settings, stride: 1 });
  }));
}

/** The first layers: a convolution, another in each channel by itself, and the first stack of blocks. */
function stem(first: number, second: number, third: number): nn.Module[] {
  return [
    new nn.Conv2d(3, first, 3, { padding: 1, stride: 2, bias: false, init }),
    norm(first),
    relu(),
    depthwise(first, 3, 1),
    norm(first),
    relu(),
    pointwise(first, second),
    norm(second),
    stack(second, third, 3, { kernelSize: 3, stride: 2, expansion: 3 }),
  ];
}

/** Options that the builders take besides those of every builder. */
export interface MNASNetOptions {
  /** The probability with which training drops a feature in front of the head; 0.2. */
  dropout?: number;
}

/**
 * An MNASNet for pictures `[N, H, W, 3]`: logits `[N, numClasses]`.
 *
 * Its stages are its layers with weights, where a stack of blocks counts as one layer.
 */
export class MNASNet extends nn.Module {
  static override readonly stateVersion: number = 2; // the first had another stem
  layers: nn.Sequential;
  classifier: nn.Sequential;
  /** By what all numbers of channels are multiplied. */
  readonly alpha: number;

  /**
   * @param alpha by what all numbers of channels are multiplied, before they are rounded to multiples of 8
   * @throws {TypeError | RangeError} naming the argument that cannot be
   */
  constructor(alpha: number, options: MNASNetOptions & { numClasses?: number } = {}) {
    super();
    checkOptions("make MNASNet", options, ["numClasses", "dropout"]);
    const { numClasses = 1000, dropout = 0.2 } = options;
    checkPositive("MNASNet", "alpha", alpha);
    checkProbability("MNASNet", "dropout", dropout);
    this.alpha = alpha;
    const [a, b, c, d, e, f, g, h] = [32, 16, 24, 40, 80, 96, 192, 320].map((depth) => makeDivisible(depth * alpha, 8));
    this.layers = new nn.Sequential(
      ...stem(a, b, c),
      stack(c, d, 3, { kernelSize: 5, stride: 2, expansion: 3 }),
      stack(d, e, 3, { kernelSize: 5, stride: 2, expansion: 6 }),
      stack(e, f, 2, { kernelSize: 3, stride: 1, expansion: 6 }),
      stack(f, g, 4, { kernelSize: 5, stride: 2, expansion: 6 }),
      stack(g, h, 1, { kernelSize: 3, stride: 1, expansion: 6 }),
      pointwise(h, 1280),
      norm(1280),
      relu(),
    );
    const bound = Math.sqrt(3 / numClasses); // keeps the variance of what flows backward through a sigmoid
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout, { inplace: true }),
      new nn.Linear(1280, numClasses, { init: nn.init.uniform(-bound, bound), biasInit: nn.init.constant(0) }),
    );
  }

  override stages(): nn.Stage[] {
    return [
      ...layerStages(this, "layers"),
      // torchvision's network has no module for this either
      { name: "avgpool", modules: [], forward: (x) => tf.mean(x, [1, 2]) },
      nn.stage(this, "classifier"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }

  /**
   * Takes the values of a state dict, as every module does. One from before `alpha` also applied to the first layers, which
   * always had 32 and 16 channels then, makes the network's as they were, as torchvision does.
   */
  override loadStateDict(source: StateDict, options: LoadStateDictOptions = {}): nn.LoadReport {
    if (shapeOf(source, "layers.0.weight") === "32,3,3,3" && shapeOf(source, "layers.6.weight") === "16,32,1,1") {
      const [first, third] = ["layers.0", "layers.9.0.layers.0"].map((path) => this.get(path, nn.Conv2d));
      if (first.outChannels !== 32) Object.assign(this.layers, stem(32, 16, third.inChannels));
    }
    return super.loadStateDict(source, options);
  }
}

function shapeOf(source: StateDict, name: string): string {
  return String(source?.get?.(name)?.shape);
}

function variant(name: keyof typeof mnasnetWeights, alpha: number): Builder<MNASNet, MNASNetOptions> {
  return builder<MNASNet, MNASNetOptions>({
    name,
    family: "MNASNet",
    paper: {
      title: "MnasNet: Platform-Aware Neural Architecture Search for Mobile",
      authors: "Tan, Chen, Pang, Vasudevan, Sandler, Howard, Le",
      year: 2018,
      url: "https://arxiv.org/abs/1807.11626",
    },
    head: "classifier.1",
    weights: mnasnetWeights[name],
    options: { dropout: "the probability with which training drops a feature in front of the head; 0.2" },
    build: (options) => new MNASNet(alpha, options),
  });
}

/**
 * MNASNet with half the channels.
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * const model = models.mnasnet0_5(); // with { weights: "DEFAULT" } a promise of the pretrained network
 * model.classifier[1] = new nn.Linear(1280, 9);
 * console.log(model.stages().map(({ name }) => name).slice(-4)); // [ "layers.13", "layers.14", "avgpool", "classifier" ]
 * ```
 */
export const mnasnet0_5: Builder<MNASNet, MNASNetOptions> = variant("mnasnet0_5", 0.5);

/** MNASNet with three quarters of the channels. */
export const mnasnet0_75: Builder<MNASNet, MNASNetOptions> = variant("mnasnet0_75", 0.75);

/** MNASNet. */
export const mnasnet1_0: Builder<MNASNet, MNASNetOptions> = variant("mnasnet1_0", 1);

/** MNASNet with 1.3 times the channels. */
export const mnasnet1_3: Builder<MNASNet, MNASNetOptions> = variant("mnasnet1_3", 1.3);

nn.nameClasses("torchvision.models.mnasnet", { _InvertedResidual, MNASNet });
