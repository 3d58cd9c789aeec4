import * as tf from "@tensorflow/tfjs";
import { encodePng } from "../data/image.ts";
import type { ImageSource, Picture, Transforms } from "../data/types.ts";
import { Displayable, formatNumber, type ImagesSpec } from "../display/mod.ts";
import { explainUnsupported } from "../engine/mod.ts";
import { expectModule, inMode, type Module, type Stage } from "../nn/mod.ts";
import { runTo } from "./feature_maps.ts";
import { overlay, type Plane, resized } from "./heat.ts";
import { asMaps, expectMaps, gridOf, see, stagesUpTo } from "./stage_input.ts";

/** Options of {@linkcode gradCam}. */
export interface GradCamOptions {
  /** The stage whose output is looked at; the last that has maps on which the class depends unless given. */
  stage?: string;
  /** The class, by its name or number; the most likely one unless given. */
  class?: string | number;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
}

/** Where in a picture a network sees a class; displays as the picture and the heat over it. */
export class GradCam extends Displayable {
  constructor(
    /** The stage. */
    readonly stage: string,
    /** The class: its number, its name and its probability for this picture. */
    readonly target: { index: number; label: string; probability: number },
    /** The heat, as large as the stage's maps: 0 where nothing speaks for the class, 1 where most does. */
    readonly heat: Plane,
    /** The picture as the network sees it. */
    readonly picture: Picture,
  ) {
    super();
  }

  override async spec(): Promise<ImagesSpec> {
    const { width, height } = this.picture;
    const { label, probability } = this.target;
    const warm = overlay(this.picture, resized(this.heat, width, height));
    return {
      kind: "images",
      title: `Grad-CAM: where ${this.stage} sees ${label}`,
      items: [
        { png: await encodePng(this.picture, 224), caption: "picture", title: "the picture as the network sees it" },
        {
          png: await encodePng(warm, 224),
          caption: `${label} ${formatNumber(probability, "percent")}`,
          title: `what speaks for ${label}, by yellow`,
        },
      ],
      size: 224,
      caption: `violet: nothing speaks for ${label}; yellow: most does (${this.heat.height}×${this.heat.width} places)`,
    };
  }
}

/**
 * Where in a picture a network sees a class: Grad-CAM (Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep
 * Networks via Gradient-based Localization"). Each map of a stage counts by how much the class's logit grows with it, on
 * average; what is positive of their sum is the heat. A vision transformer's tokens count as the places that they stand for.
 *
 * @throws {TypeError} where the network's stages cannot run one by one, or the stage's output has no height and width
 * @throws {RangeError} where there is no such stage or class
 *
 * @example
 * ```ts
 * import { data, gradCam, models } from "thaw";
 *
 * const picture: data.Picture = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(200) };
 * const transforms: data.Transforms = {
 *   resize: 64,
 *   interpolation: "bilinear",
 *   mean: [0.485, 0.456, 0.406],
 *   std: [0.229, 0.224, 0.225],
 * };
 * const seen = await gradCam(models.resnet18({ numClasses: 9 }), picture, { stage: "layer3", class: 2, transforms });
 * console.log(seen.heat.width, seen.heat.height); // 4 4
 * ```
 */
export async function gradCam(
  model: Module,
  image: ImageSource,
  { stage, class: wanted, transforms = (model as Module | undefined)?.transforms }: GradCamOptions = {},
): Promise<GradCam> {
  expectModule("make a Grad-CAM", model);
  const { stages, last: named } = stagesUpTo("make a Grad-CAM", model, stage);
  const { picture, input } = await see("make a Grad-CAM", model, image, transforms);
  const outputs: tf.Tensor[] = [];
  try {
    outputs.push(...inMode(model, false, () => outputsOf(stages.slice(0, (named ?? stages.length) + 1), input)));
    const candidates = named === undefined ? stagesWithMaps(outputs) : [named];
    const [first] = candidates;
    expectMaps("make a Grad-CAM", stages[first], outputs[first]);
    const logits = inMode(model, false, () => runTo(stages.slice(first + 1), outputs[first]));
    const target = await targetOf(model, logits, wanted).finally(() => logits.dispose());
    for (const last of candidates) {
      const heat = await heatOf(model, stages.slice(last + 1), outputs[last], target.index);
      if (heat) return new GradCam(stages[last].name, target, heat, picture);
    }
    throw new TypeError(
      `Cannot make a Grad-CAM at "${stages[first].name}": expected places that the class depends on, found that from ` +
        "there on only the class token is used; choose an earlier stage",
    );
  } finally {
    tf.dispose([input, ...outputs]);
  }
}

function outputsOf(stages: readonly Stage[], input: tf.Tensor): tf.Tensor[] {
  return tf.tidy(() => {
    const outputs: tf.Tensor[] = [];
    for (const stage of stages) outputs.push(stage.forward!(outputs.at(-1) ?? input));
    return outputs.map((output) => output.clone());
  });
}

/** Where maps of more than one place come out, the last stage first. */
function stagesWithMaps(outputs: readonly tf.Tensor[]): number[] {
  const found = [...outputs.keys()].filter((i) => (gridOf(outputs[i]) ?? []).some((side) => side > 1));
  if (found.length) return found.toReversed();
  throw new TypeError("Cannot make a Grad-CAM: expected a stage with an output [N, H, W, C], found none");
}

async function targetOf(model: Module, logits: tf.Tensor, wanted: string | number | undefined) {
  if (logits.rank !== 2) {
    throw new TypeError(`Cannot make a Grad-CAM: expected logits [N, classes], found [${logits.shape.join(", ")}]`);
  }
  const shares = tf.softmax(logits);
  const probabilities = await shares.data() as Float32Array;
  shares.dispose();
  const index = typeof wanted === "string"
    ? model.classes?.indexOf(wanted) ?? -1
    : wanted ?? probabilities.indexOf(probabilities.reduce((a, b) => Math.max(a, b)));
  if (!(index in probabilities)) {
    throw new RangeError(
      `Cannot make a Grad-CAM: expected class to be one of ${model.constructor.name}'s ${probabilities.length} classes, ` +
        `by name or number, found ${JSON.stringify(wanted)}`,
    );
  }
  const named = model.classes?.length === probabilities.length ? model.classes[index] : undefined;
  return { index, label: named ?? `class ${index}`, probability: probabilities[index] };
}

/**
 * The weighted sum of a stage's maps where it is positive, from 0 to 1; undefined where the class depends on a class token
 * alone and on no place, as behind a transformer's last attention.
 */
async function heatOf(
  model: Module,
  rest: readonly Stage[],
  output: tf.Tensor,
  index: number,
): Promise<Plane | undefined> {
  try {
    const [heat, slopes] = inMode(model, false, () =>
      tf.tidy(() => {
        const logit = (x: tf.Tensor) => tf.sum(tf.slice(runTo(rest, x), [0, index], [1, 1])) as tf.Scalar;
        const slopes = tf.grad(logit)(output);
        const weights = tf.mean(asMaps(slopes), [1, 2], true);
        const heat = tf.relu(tf.sum(tf.mul(asMaps(output), weights), 3));
        const steepest = [asMaps(slopes), slopes].map((x) => tf.max(tf.abs(x)));
        return [tf.divNoNan(heat, tf.max(heat)), tf.stack(steepest)];
      }));
    const [values, [atPlaces, anywhere]] = await Promise.all([heat.data(), slopes.data()]);
    const [, height, width] = heat.shape as number[];
    tf.dispose([heat, slopes]);
    if (atPlaces === 0 && anywhere > 0) return undefined;
    return { width, height, values: values as Float32Array };
  } catch (error) {
    throw explainUnsupported(error);
  }
}
