import * as tf from "@tensorflow/tfjs";
import { fullMessage } from "../../nn/run.ts";
import { imagenetColors } from "../weights_table.ts";

const scale = imagenetColors.std.map((std) => std / 0.5);
const shift = imagenetColors.mean.map((mean) => (mean - 0.5) / 0.5);

/**
 * Pictures as ImageNet's mean and deviation made them, on the scale from −1 to 1 for which Google's weights were trained:
 * torchvision's `transform_input`.
 */
export function fromImagenetColors(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.add(tf.mul(x, scale), shift));
}

/**
 * Checks that pictures are large enough for all of a network's windows to find something.
 *
 * @param network its class
 * @param least height and width in pixels of the smallest that are
 * @throws {RangeError} naming both sizes
 */
export function checkLeastSize(network: string, x: tf.Tensor, least: number): tf.Tensor {
  const [, height, width] = x.shape;
  if (x.rank !== 4 || (height! >= least && width! >= least)) return x; // the first layer says what else may be wrong
  throw fullMessage(
    new RangeError(
      `Cannot run ${network}: expected pictures of at least ${least} × ${least} pixels, found ${height} × ${width}; ` +
        "enlarge them, for example by the transforms' resize and crop",
    ),
  );
}
