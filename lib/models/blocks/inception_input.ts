import * as tf from "@tensorflow/tfjs";
import type { Module } from "../../nn/mod.ts";
import { fullMessage } from "../../nn/run.ts";
import { imagenetColors } from "../weights_table.ts";

const scale = imagenetColors.std.map((std) => std / 0.5);
const shift = imagenetColors.mean.map((mean) => (mean - 0.5) / 0.5);

/**
 * What googlenet and inception_v3 do with pictures `[N, H, W, 3]` before anything else: refuse those that are too small for
 * some of their windows to find anything, and, with `transformInput`, bring what ImageNet's mean and deviation made of them to
 * the scale from −1 to 1, for which Google's weights were trained.
 *
 * @param least height and width in pixels of the smallest that are large enough
 * @throws {RangeError} naming both sizes
 */
export function inceptionInput(model: Module & { transformInput: boolean }, x: tf.Tensor, least: number): tf.Tensor {
  const [, height, width] = x.shape;
  if (x.rank === 4 && (height! < least || width! < least)) { // the first layer says what else may be wrong
    throw fullMessage(
      new RangeError(
        `Cannot run ${model.constructor.name}: expected pictures of at least ${least} × ${least} pixels, found ` +
          `${height} × ${width}; enlarge them, for example by the transforms' resize and crop`,
      ),
    );
  }
  return model.transformInput ? tf.tidy(() => tf.add(tf.mul(x, scale), shift)) : x;
}
