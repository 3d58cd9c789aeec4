import * as tf from "@tensorflow/tfjs";
import type { ImageSource, Transforms } from "../data/types.ts";
import { RandomGenerator, withSeed } from "../engine/random.ts";
import { checkOptions } from "../nn/check_options.ts";
import { type DropoutLayer, expectModule, inMode, type Module, onForward } from "../nn/mod.ts";
import { activeDropout, type NamedDropout, whileDropping } from "./dropout_layers.ts";
import { type DroppedPass, DroppedUnits, meanOf } from "./dropped_units_result.ts";
import { expectWhole } from "./expect_whole.ts";
import { see } from "./stage_input.ts";

/** Options of {@linkcode droppedUnits}. */
export interface DroppedUnitsOptions {
  /** The dropout layer's dotted name; the first that drops anything unless given. */
  layer?: string;
  /** How many passes to show; 3. */
  passes?: number;
  /** What decides which units each pass drops; 0. */
  seed?: number;
  /** Where units stand in maps: how many channels to show, those with the largest mean; 16. */
  channels?: number;
  /** How a picture becomes input; the network's own unless given. */
  transforms?: Transforms;
}

/**
 * What dropout does to one picture: the activations that enter a dropout layer, and which of them each of a few passes
 * drops. `nn.Dropout`, `nn.Dropout2d` and `nn.AlphaDropout` are found by type. Only that layer runs as in training (also
 * where it is frozen), and only for this; the network and the random generator are afterwards as they were.
 *
 * @param image a picture, or a tensor `[1, …]` that is ready
 * @throws {TypeError} where the network has no dropout layer that drops anything, or the layer does not run
 * @throws {RangeError} where there is no such layer, or a number cannot be
 *
 * @example
 * ```ts
 * import { droppedUnits, nn } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const net = new nn.Sequential(new nn.Linear(4, 100), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(100, 2));
 * const { layer, passes } = await droppedUnits(net, tf.ones([1, 4]));
 * console.log(layer, passes.length, passes[0].dropped.length); // 2 3 100
 * ```
 */
export async function droppedUnits(
  model: Module,
  image: ImageSource | tf.Tensor,
  options: DroppedUnitsOptions = {},
): Promise<DroppedUnits> {
  const action = "show dropped units";
  expectModule(action, model);
  checkOptions(action, options, ["layer", "passes", "seed", "channels", "transforms"]);
  const { passes = 3, seed = 0, channels = 16, transforms = model.transforms } = options;
  expectWhole(action, { passes, channels });
  expectWhole(action, { seed }, -Infinity);
  const [path, layer] = layerOf(action, model, options.layer);
  const input = await inputOf(action, model, image, transforms);
  let entering: tf.Tensor | undefined;
  try {
    entering = whatEnters(model, layer, input);
    if (!entering) {
      throw new TypeError(`Cannot ${action}: expected "${path}" to run, found that it does not; name another layer`);
    }
    const seeds = new RandomGenerator(seed);
    const found: DroppedPass[] = [];
    for (let pass = 0; pass < passes; pass++) found.push(await drop(model, layer, entering, seeds.bits()));
    const activations = await entering.data() as Float32Array;
    return new DroppedUnits(path, layer.constructor.name, layer.p, entering.shape, activations, found, channels);
  } finally {
    tf.dispose([input, ...(entering ? [entering] : [])]);
  }
}

/** The layer of this name, or the first that drops anything. */
function layerOf(action: string, model: Module, name: string | undefined): NamedDropout {
  const active = activeDropout(action, model);
  if (name === undefined) return active[0];
  const found = active.find(([path]) => path === name);
  if (found) return found;
  const known = active.map(([path]) => path).join(", ");
  throw new RangeError(`Cannot ${action}: expected a dropout layer with p above 0 (${known}), found "${name}"`);
}

async function inputOf(
  action: string,
  model: Module,
  image: ImageSource | tf.Tensor,
  transforms: Transforms | undefined,
): Promise<tf.Tensor> {
  if (!(image instanceof tf.Tensor)) return (await see(action, model, image, transforms)).input;
  if (image.shape[0] === 1) return image.clone();
  throw new TypeError(`Cannot ${action}: expected one picture or a tensor [1, …], found [${image.shape.join(", ")}]`);
}

/** What enters a layer in evaluation; undefined where it does not run. Who calls it disposes of it. */
function whatEnters(model: Module, layer: DropoutLayer, input: tf.Tensor): tf.Tensor | undefined {
  let entering: tf.Tensor | undefined;
  const remove = onForward(layer, (_layer, x) => void (entering ??= tf.keep(x.clone())));
  try {
    inMode(model, false, () => tf.tidy(() => void model.forward(input)));
    return entering;
  } catch (error) {
    entering?.dispose();
    throw error;
  } finally {
    remove();
  }
}

/** One pass of a layer. Its draw is made twice from one seed: a unit that was 0 before does not show whether it stayed. */
async function drop(model: Module, layer: DropoutLayer, x: tf.Tensor, seed: number): Promise<DroppedPass> {
  const [kept, output] = tf.tidy(() => [
    withSeed(seed, () => tf.mul(tf.onesLike(x), layer.kept(x))),
    withSeed(seed, () => whileDropping(model, [layer], () => layer.forward(x))),
  ]);
  const [stays, values] = await Promise.all([kept.data(), output.data()]);
  tf.dispose([kept, output]);
  const dropped = Uint8Array.from(stays, (one) => one === 0 ? 1 : 0);
  return { dropped, share: meanOf(dropped), mean: meanOf(values) };
}
