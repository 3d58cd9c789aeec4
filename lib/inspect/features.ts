import * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import { describeValue, expectModule, inMode, type Module, onForward, runStages, type Stage } from "../nn/mod.ts";
import { fullMessage } from "../nn/run.ts";
import { isWithin, listed } from "../nn/select.ts";

/** Options of {@linkcode features}. */
export interface FeaturesOptions {
  /** Whether the network runs as in training: dropout drops, batch norm uses its batch. False unless given. */
  training?: boolean;
}

/**
 * What parts of a network make of an input: their outputs by name, such as feature maps to compare or to train another
 * network on. torchvision's `create_feature_extractor`, without another network.
 *
 * A name is that of a module, as in `model.get(name)`, or of a stage that is no module. Of a module that runs several times
 * it is the last run; of a Sequential whose parts are stages by themselves (`"features"`), the output of its last part. The
 * network runs no further than the last stage that is needed, where its stages can run one by one.
 *
 * @param names one name or several
 * @param x the input: pictures `[N, H, W, C]`, ready as the network takes them
 * @returns the outputs by name, feature maps as `[N, H, W, C]`; the caller disposes of them
 * @throws {RangeError} where there is no module or stage of a name, {TypeError} where it does not run or makes no tensor
 *
 * @example
 * ```ts
 * import { features, models } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const { layer2, layer4 } = features(models.resnet18(), ["layer2", "layer4"], tf.zeros([1, 64, 64, 3]));
 * console.log(layer2.shape, layer4.shape); // [ 1, 8, 8, 128 ] [ 1, 2, 2, 512 ]
 * ```
 */
export function features<Name extends string>(
  model: Module,
  names: Name | readonly Name[],
  x: tf.Tensor,
  options: FeaturesOptions = {},
): Record<Name, tf.Tensor> {
  const action = "take features";
  expectModule(action, model);
  checkOptions(action, options, ["training"]);
  const { training = false } = options;
  if (typeof training !== "boolean") {
    throw new TypeError(`Cannot ${action}: expected training to be true or false, found ${describeValue(training)}`);
  }
  if (!(x instanceof tf.Tensor)) {
    throw new TypeError(`Cannot ${action}: expected a tensor [N, H, W, C], found ${describeValue(x)}`);
  }
  const stages = model.stages();
  const places = (listed(action, names) as readonly Name[]).map((name) => placeOf(model, stages, name));
  const kept = new Map<Name, tf.Tensor>();
  const keep = (name: Name, output: unknown) => {
    if (!(output instanceof tf.Tensor)) {
      throw fullMessage(
        new TypeError(
          `Cannot ${action} of "${name}": expected its output to be a tensor, found ${describeValue(output)}`,
        ),
      );
    }
    kept.get(name)?.dispose();
    kept.set(name, tf.keep(output.clone())); // the module that it is within gives back what it made on the way
  };
  try {
    inMode(model, training, () => tf.tidy(() => runPast(model, stages, places, x, keep)));
    const mute = places.find(({ name }) => !kept.has(name));
    if (mute) {
      const when = training ? "" : " in evaluation";
      throw new TypeError(`Cannot ${action} of "${mute.name}": expected it to run, found that it does not${when}`);
    }
    // copies, and not what is kept: a tidy around the call has its say
    return Object.fromEntries(places.map(({ name }) => [name, kept.get(name)!.clone()])) as Record<Name, tf.Tensor>;
  } finally {
    kept.forEach((tensor) => tensor.dispose());
  }
}

/** Where a name's output is to be had: at a module, or else behind a stage. */
interface Place<Name extends string> {
  name: Name;
  module?: Module;
  /** The position of the last stage that has to run. */
  last: number;
}

function placeOf<Name extends string>(model: Module, stages: readonly Stage[], name: Name): Place<Name> {
  const modules = new Map(model.namedModules());
  const stage = stages.findIndex((stage) => stage.name === name);
  if (!modules.has(name)) {
    if (stage >= 0 && stages[stage].forward) return { name, last: stage };
    const known = stages.map((stage) => stage.name).join(", ");
    throw new RangeError(
      `Cannot take features of "${name}": expected one of ${model.constructor.name}'s stages (${known}) or modules, such as ` +
        `${[...modules.keys()].at(-1) || "its parts"}, found none of that name`,
    );
  }
  const around = stages.findLastIndex(({ modules }) => modules.some((part) => isWithin(name, part)));
  if (around >= 0) return { name, module: modules.get(name), last: around };
  // no stage has it: its parts are stages by themselves, or it is the network, or nothing that runs
  const parts = stages.map(({ modules }) => modules.findLast((part) => name !== "" && isWithin(part, name)));
  const last = parts.findLastIndex((part) => part !== undefined);
  if (last >= 0) return { name, module: modules.get(parts[last]!), last };
  return { name, module: modules.get(name), last: stages.length - 1 };
}

/** Runs a network as far as it has to, and gives what the places make to `keep`. */
function runPast<Name extends string>(
  model: Module,
  stages: readonly Stage[],
  places: readonly Place<Name>[],
  x: tf.Tensor,
  keep: (name: Name, output: tf.Tensor) => void,
): void {
  const removers = places.flatMap(({ name, module }) =>
    module ? onForward(module, (_module, _input, output) => keep(name, output)) : []
  );
  try {
    const whole = places.some(({ module }) => module === model) || !stages.every(({ forward }) => forward);
    if (whole) return void model.forward(x);
    const needed = stages.slice(0, Math.max(-1, ...places.map(({ last }) => last)) + 1);
    const watched = needed.map((stage, position) => {
      const behind = places.filter(({ module, last }) => !module && last === position);
      const forward = (value: tf.Tensor) => {
        const output = stage.forward!(value);
        behind.forEach(({ name }) => keep(name, output));
        return output;
      };
      return { ...stage, forward };
    });
    runStages(watched, x);
  } finally {
    removers.forEach((remove) => remove());
  }
}
