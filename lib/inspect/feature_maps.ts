import * as tf from "@tensorflow/tfjs";
import { encodePng } from "../data/image.ts";
import type { ImageSource, Transforms } from "../data/types.ts";
import { Displayable, type ImagesSpec } from "../display/mod.ts";
import { expectModule, inMode, type Module, runStages, type Stage } from "../nn/mod.ts";
import { enlarged, heatPicture, type Plane, stretched } from "./heat.ts";
import { asMaps, expectMaps, see, stagesUpTo } from "./stage_input.ts";

/** Options of {@linkcode featureMaps}. */
export interface FeatureMapsOptions {
  /** The stage whose output is looked at; the first unless given. */
  stage?: string;
  /** How many maps to show, those with the largest mean; 16. */
  count?: number;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
}

/** What a stage of a network makes of one picture; displays as a grid of maps. */
export class FeatureMaps extends Displayable {
  constructor(
    /** The stage. */
    readonly stage: string,
    /** The stage's output as maps, `[1, H, W, C]`. */
    readonly shape: readonly number[],
    /** The strongest maps first: the channel's number, its mean and its values, row by row. */
    readonly maps: readonly { channel: number; mean: number; plane: Plane }[],
  ) {
    super();
  }

  override async spec(): Promise<ImagesSpec> {
    const [, height, width, channels] = this.shape;
    const times = Math.max(1, Math.ceil(96 / Math.max(height, width)));
    const items = await Promise.all(this.maps.map(async ({ channel, mean, plane }) => ({
      png: await encodePng(enlarged(heatPicture(stretched(plane)), times)),
      caption: `channel ${channel}`,
      title: `${this.stage}, channel ${channel}: mean ${mean.toPrecision(3)}, from ${
        least(plane.values).toPrecision(3)
      } (violet) to ${most(plane.values).toPrecision(3)} (yellow)`,
    })));
    return {
      kind: "images",
      title: `Feature maps of ${this.stage}`,
      items,
      size: 96,
      caption:
        `${this.maps.length} of ${channels} maps of ${height}×${width}, those with the largest mean; each from ` +
        "its own least value (violet) to its largest (yellow)",
    };
  }
}

/**
 * What a stage of a network makes of a picture: its strongest channels, each as a map. A vision transformer's tokens count as
 * the places that they stand for.
 *
 * @throws {TypeError} where the network's stages cannot run one by one, or the stage's output has no height and width
 * @throws {RangeError} where there is no such stage
 *
 * @example
 * ```ts
 * import { data, featureMaps, models } from "thaw";
 *
 * const picture: data.Picture = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(200) };
 * const transforms: data.Transforms = {
 *   resize: 64,
 *   interpolation: "bilinear",
 *   mean: [0.485, 0.456, 0.406],
 *   std: [0.229, 0.224, 0.225],
 * };
 * const maps = await featureMaps(models.resnet18(), picture, { stage: "layer1", transforms });
 * console.log(maps.shape); // [ 1, 16, 16, 64 ]
 * ```
 */
export async function featureMaps(
  model: Module,
  image: ImageSource,
  { stage, count = 16, transforms = (model as Module | undefined)?.transforms }: FeatureMapsOptions = {},
): Promise<FeatureMaps> {
  expectModule("show feature maps", model);
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot show feature maps: expected count to be a whole number ≥ 1, found ${count}`);
  }
  const { stages, last = 0 } = stagesUpTo("show feature maps", model, stage);
  const { input } = await see("show feature maps", model, image, transforms);
  const output = inMode(model, false, () => tf.tidy(() => runTo(stages.slice(0, last + 1), input)));
  let planes: tf.Tensor4D | undefined;
  try {
    expectMaps("show feature maps", stages[last], output);
    planes = asMaps(output);
    const values = await planes.data() as Float32Array;
    const [, height, width, channels] = planes.shape;
    const maps = Array.from({ length: channels }, (_, channel) => {
      const own = Float32Array.from({ length: height * width }, (_, i) => values[i * channels + channel]);
      const mean = own.reduce((a, b) => a + b, 0) / own.length;
      return { channel, mean, plane: { width, height, values: own } };
    });
    return new FeatureMaps(stages[last].name, planes.shape, maps.toSorted((a, b) => b.mean - a.mean).slice(0, count));
  } finally {
    tf.dispose([input, output, planes ?? []]);
  }
}

/** Runs stages; the result is a tensor of its own. */
export function runTo(stages: readonly Stage[], input: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const output = runStages(stages, input);
    return output === input ? output.clone() : output;
  });
}

function least(values: Float32Array): number {
  return values.reduce((a, b) => Math.min(a, b), Infinity);
}

function most(values: Float32Array): number {
  return values.reduce((a, b) => Math.max(a, b), -Infinity);
}
