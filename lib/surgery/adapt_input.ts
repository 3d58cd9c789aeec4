import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import { Conv2d, EngineEntry, expectModule, type Module, Parameter } from "../nn/mod.ts";
import { type Change, Changes } from "./changes.ts";
import { watchKeys } from "./key_changes.ts";
import { briefly, pathsOf } from "./replace.ts";
import type { SampleInput } from "./sample_input.ts";
import { noise, sampleShapes } from "./sample_input.ts";
import { runWithHooks } from "./wiring.ts";

/** Options of {@linkcode adaptInput}. */
export interface AdaptInputOptions {
  /**
   * What the network runs on once, over noise and in evaluation, to see which convolutions take its input: pixels, `[height, width]`
   * or an input; as `model.transforms` say, or a usual size, unless given.
   */
  input?: SampleInput;
}

/**
 * Makes a network for pictures of three channels one for grey pictures, or for pictures of many channels, and keeps what its first
 * filters have learnt, as timm's `in_chans` does: for one channel the filters of the three are added up; for more they are repeated
 * in turn, and scaled so that the sum stays what it was. A grey picture is then seen as its three equal channels were.
 *
 * `model.transforms` go, since they say how a picture of three channels becomes an input; where a network rearranges its colours
 * first (`transformInput`), that is turned off.
 *
 * @param channels how many channels the input is to have
 * @throws {RangeError} where `channels` is no whole number, {TypeError} where no convolution takes the input
 *
 * @example
 * ```ts
 * import { adaptInput, models } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const model = models.resnet18();
 * adaptInput(model, 1);
 * console.log(model.conv1.inChannels, model.eval().forward(tf.zeros([1, 64, 64, 1])).shape); // 1 [ 1, 1000 ]
 * ```
 */
export function adaptInput(model: Module, channels: number, options: AdaptInputOptions = {}): Changes {
  const action = "adapt the input";
  expectModule(action, model);
  checkOptions(action, options, ["input"]);
  if (!Number.isInteger(channels) || channels < 1) {
    throw new RangeError(`Cannot ${action}: expected channels to be a whole number ≥ 1, found ${channels}`);
  }
  const paths = pathsOf(model);
  const convs = inputConvs(action, model, options.input).filter(({ inChannels }) => inChannels !== channels);
  const grouped = convs.find(({ groups }) => groups !== 1);
  if (grouped) {
    throw new TypeError(
      `Cannot ${action}: expected "${paths.get(grouped)}" to have one group, found ${grouped.groups}; replace it`,
    );
  }
  const { result, keys } = watchKeys(model, () =>
    convs.map((conv): Change => {
      const before = briefly(conv);
      adapt(conv, channels);
      return { path: paths.get(conv)!, before, after: briefly(conv) };
    }));
  if (result.length && model.transforms) model.transforms = undefined;
  if (result.length && "transformInput" in model) model.transformInput = false;
  return new Changes(
    `Input of ${channels} ${channels === 1 ? "channel" : "channels"} for ${model.constructor.name}`,
    result,
    [],
    {
      ...keys,
      added: [],
      removed: [],
    },
  );
}

/** The convolutions that take the network's input itself, or, where it is rearranged first, the first one that runs. */
function inputConvs(action: string, model: Module, input: SampleInput | undefined): Conv2d[] {
  const convs = model.modules().filter((module) => module instanceof Conv2d);
  for (const shape of sampleShapes(action, model, input)) {
    const direct = new Set<Conv2d>();
    let first: Conv2d | undefined;
    const x = noise(shape);
    try {
      runWithHooks(model, x, convs, (module, given) => {
        first ??= module as Conv2d;
        if (given.dataId === x.dataId) direct.add(module as Conv2d);
      });
      if (direct.size) return [...direct];
      if (first) return [first];
    } catch {
      /* perhaps of another size */
    } finally {
      x.dispose();
    }
  }
  throw new TypeError(
    `Cannot ${action} of ${model.constructor.name}: expected a convolution that takes it, found none in a forward over noise; ` +
      "pass { input: [height, width] } that the network runs on",
  );
}

/** Exchanges the filters in place: class, options and bias stay. */
function adapt(conv: Conv2d, channels: number): void {
  const { weight, inChannels } = conv;
  const [out, , ...window] = weight.shape;
  const shape = [out, channels, ...window];
  const filter = tf.tidy(() => adapted(weight.value, inChannels, channels));
  const fresh = new Parameter(shape, () => new Float32Array(0), "conv"); // its values follow at once
  const entry = new EngineEntry(shape, "conv", filter, weight.loaded);
  fresh.load(entry);
  entry.dispose();
  fresh.requiresGrad = weight.requiresGrad;
  conv.weight = fresh;
  Object.assign(conv, { inChannels: channels });
}

/** Filters `[kh, kw, from, out]` for another number of channels. */
function adapted(filter: tf.Tensor, from: number, to: number): tf.Tensor {
  if (to === 1) return tf.sum(filter, 2, true);
  const repeated = tf.concat(Array.from({ length: Math.ceil(to / from) }, () => filter), 2);
  const [kh, kw, , out] = repeated.shape as [number, number, number, number];
  return tf.mul(tf.slice(repeated, [0, 0, 0, 0], [kh, kw, to, out]), from / to);
}
