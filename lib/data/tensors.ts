import * as tf from "@tensorflow/tfjs";
import { augmentations } from "./augment/augmentation.ts";
import { gatherRows } from "../engine/ops/gather_rows.ts";
import { LabelledDataset } from "./dataset.ts";
import { mirroredOf } from "./pictures.ts";
import type { Samples } from "./samples.ts";

/** Options of {@linkcode fromTensors}. */
export interface FromTensorsOptions {
  /** The classes' names; the labels' numbers unless given. */
  classes?: readonly string[];
  /** What it is called in displays; "tensors" unless given. */
  name?: string;
}

/**
 * A dataset of a tensor's rows, given to the network as they are: transforms do not touch them.
 *
 * `x` is neither copied nor disposed of: it stays the caller's, and has to live as long as the dataset is used. Labels
 * are copied. Where they are a tensor, reading it takes a promise.
 *
 * @param x `[N, …]`, one sample a row
 * @param y N whole numbers from 0, each a position in `classes`: an array, or a tensor `[N]`
 * @throws {TypeError} where there is not one label for every sample
 * @throws {RangeError} where a label is no class
 *
 * @example
 * ```ts
 * import { data } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1]]), [0, 1], { classes: ["right", "up"] });
 * assertEquals([points.length, points.classes[points.labels[1]]], [2, "up"]);
 * ```
 */
export function fromTensors(x: tf.Tensor, y: ArrayLike<number>, options?: FromTensorsOptions): LabelledDataset;
/** The same with labels in a tensor, which is read first. */
export function fromTensors(x: tf.Tensor, y: tf.Tensor, options?: FromTensorsOptions): Promise<LabelledDataset>;
export function fromTensors(
  x: tf.Tensor,
  y: ArrayLike<number> | tf.Tensor,
  options: FromTensorsOptions = {},
): LabelledDataset | Promise<LabelledDataset> {
  if (!(y instanceof tf.Tensor)) return make(x, y, [y.length], options);
  return y.data().then((labels) => make(x, labels, y.shape, options));
}

function make(x: tf.Tensor, y: ArrayLike<number>, shape: number[], options: FromTensorsOptions): LabelledDataset {
  const { name = "tensors" } = options;
  const fail = "Cannot make a dataset of tensors: expected ";
  if (x.rank < 1 || shape.length !== 1 || shape[0] !== x.shape[0]) {
    throw new TypeError(
      `${fail}samples [N, …] and labels [N], found [${x.shape.join(", ")}] and [${shape.join(", ")}]`,
    );
  }
  const labels = Array.from(y);
  const largest = labels.reduce((a, b) => Math.max(a, b), -1);
  const classes = options.classes ?? Array.from({ length: largest + 1 }, (_, c) => String(c));
  const wrong = labels.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes.length);
  if (wrong >= 0) {
    const range = options.classes ? `from 0 to ${classes.length - 1}` : "from 0";
    throw new RangeError(`${fail}labels that are whole numbers ${range}, found ${labels[wrong]} at position ${wrong}`);
  }
  return new LabelledDataset(rows(x), { name, classes, labels });
}

/** A tensor's rows as samples. */
function rows(x: tf.Tensor): Samples {
  return {
    length: x.shape[0],
    check({ flip, augment }) {
      if (augment && augmentations(augment).length > 0) {
        throw new TypeError(
          "Cannot augment samples: expected pictures, such as data.imageFolder's, found the rows of a tensor",
        );
      }
      if (x.isDisposed) {
        throw new Error("Cannot make batches: expected the tensor that the dataset was made of, found it disposed of");
      }
      if (flip && x.rank !== 4) {
        throw new TypeError(`Cannot flip samples: expected images [N, H, W, C], found [${x.shape.join(", ")}]`);
      }
    },
    // the engine takes rows faster than they could be prepared
    prepare(positions, pass) {
      const mirrored = mirroredOf(positions, pass);
      return Promise.resolve(() =>
        tf.tidy(() => {
          const taken = gatherRows(x, positions);
          if (!mirrored?.includes(true)) return taken;
          const flips = tf.tensor(mirrored.map(Number), [mirrored.length, 1, 1, 1], "bool");
          return tf.where(flips, tf.reverse(taken, 2), taken);
        })
      );
    },
  };
}
