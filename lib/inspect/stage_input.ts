import * as tf from "@tensorflow/tfjs";
import { decodeImage } from "../data/image.ts";
import { fit, stack } from "../data/transforms.ts";
import type { ImageSource, Picture, Transforms } from "../data/types.ts";
import { describeValue, type Module, type Stage } from "../nn/mod.ts";

/** One picture as a network sees it: cut to size, and as its input `[1, H, W, 3]`. */
export interface Seen {
  picture: Picture;
  input: tf.Tensor4D;
}

/** Prepares one picture for a network. Who calls it disposes of the input. */
export async function see(
  action: string,
  model: Module,
  image: ImageSource,
  transforms: Transforms | undefined,
): Promise<Seen> {
  if (Array.isArray(image) || image instanceof tf.Tensor || image === null || image === undefined) {
    throw new TypeError(`Cannot ${action}: expected one picture, found ${describeValue(image)}`);
  }
  if (!transforms) {
    throw new TypeError(
      `Cannot ${action} of ${model.constructor.name}: expected to know how a picture becomes its input, found no ` +
        "transforms; pass { transforms } or set model.transforms",
    );
  }
  const picture = fit(await decodeImage(image), transforms);
  return { picture, input: stack([picture], transforms) };
}

/**
 * A network's stages and the one that is meant: `name`, or else what `choose` picks.
 *
 * @throws {TypeError} where the stages cannot run one by one, {RangeError} where none has this name
 */
export function stagesUpTo(
  action: string,
  model: Module,
  name: string | undefined,
): { stages: readonly Stage[]; last: number | undefined } {
  const stages = model.stages();
  const mute = stages.find(({ forward }) => !forward);
  if (mute || stages.length === 0) {
    throw new TypeError(
      `Cannot ${action} of ${model.constructor.name}: expected stages that can run one by one, found ` +
        (mute ? `"${mute.name}" without a forward function` : "none") +
        "; give the network a stages() method made of nn.stage(this, name)",
    );
  }
  if (name === undefined) return { stages, last: undefined };
  const last = stages.findIndex((stage) => stage.name === name);
  if (last >= 0) return { stages, last };
  const known = stages.map((stage) => stage.name).join(", ");
  throw new RangeError(`Cannot ${action}: expected a stage such as ${known}, found "${name}"`);
}

/** Checks that a stage's output is made of maps. */
export function expectMaps(action: string, stage: Stage, output: tf.Tensor): void {
  if (gridOf(output)) return;
  throw new TypeError(
    `Cannot ${action} at "${stage.name}": expected an output [N, H, W, C], found [${output.shape.join(", ")}]; ` +
      "choose an earlier stage",
  );
}

/**
 * A stage's output as maps `[N, H, W, C]`. A vision transformer's tokens `[N, L, C]`, which stand for places row by row, are
 * made into a square; a class token in front of them, which stands for no place, is left out.
 */
export function asMaps(output: tf.Tensor): tf.Tensor4D {
  if (output.rank === 4) return output.clone() as tf.Tensor4D;
  const [n, tokens, channels] = output.shape;
  const [height, width] = gridOf(output)!;
  return tf.tidy(() =>
    tf.slice(output, [0, tokens! - height * width, 0], [-1, -1, -1]).reshape([n, height, width, channels!])
  );
}

/** Height and width of the maps that an output is made of; undefined where it is of none. */
export function gridOf({ rank, shape }: tf.Tensor): [height: number, width: number] | undefined {
  if (rank === 4) return [shape[1]!, shape[2]!];
  if (rank !== 3) return undefined;
  const sides = [shape[1]!, shape[1]! - 1].map(Math.sqrt); // without a class token, and with one
  const side = sides.find((side) => Number.isInteger(side) && side > 0);
  return side === undefined ? undefined : [side, side];
}
