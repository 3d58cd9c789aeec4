import { checkOptions } from "../nn/check_options.ts";
import { BatchNorm2d, type Conv2d, expectModule, Identity, type Module } from "../nn/mod.ts";
import { chosenNorms } from "./batch_norms.ts";
import { type Change, Changes, type Untouched } from "./changes.ts";
import { watchKeys } from "./key_changes.ts";
import { newBias } from "./new_bias.ts";
import { briefly, pathsOf, replaceModule, takeAfter } from "./replace.ts";
import type { SampleInput } from "./sample_input.ts";
import { isPlain, withWiring } from "./wiring.ts";

/** Options of {@linkcode removeBatchNorm}. */
export interface RemoveBatchNormOptions {
  /**
   * What the network runs on once, over noise and in evaluation, to see which batch norm takes which convolution's output:
   * pixels, `[height, width]` or an input; as `model.transforms` say, or a usual size, unless given.
   */
  input?: SampleInput;
}

/**
 * Takes batch norm out of a network: each `nn.BatchNorm2d` becomes `nn.Identity`, and the convolution whose output it took
 * gets a bias, of zeros, where it had none. The network computes something else from then on; {@linkcode foldBatchNorm} takes
 * batch norm out of a trained network and keeps what it computes.
 *
 * A new bias trains if its convolution's weight does.
 *
 * @param where names as in `freeze`, of batch norms or of parts with batch norms in them; all unless given
 * @throws {RangeError} where a name is not one of the network's, {TypeError} where the network cannot run on the input
 *
 * @example
 * ```ts
 * import { models, removeBatchNorm } from "thaw";
 *
 * const model = models.resnet18();
 * const { paths, keys } = removeBatchNorm(model, "layer4.1");
 * console.log(paths); // [ "layer4.1.conv1", "layer4.1.bn1", "layer4.1.conv2", "layer4.1.bn2" ]
 * console.log(keys.added); // [ "layer4.1.conv1.bias", "layer4.1.conv2.bias" ]
 * ```
 */
export function removeBatchNorm(
  model: Module,
  where?: string | readonly string[],
  options: RemoveBatchNormOptions = {},
): Changes {
  const action = "remove batch norm";
  expectModule(action, model);
  checkOptions(action, options, ["input"]);
  const chosen = [...chosenNorms(action, model, where)];
  const norms = new Map(chosen.filter(([norm]) => isPlain(norm, BatchNorm2d)));
  const left = chosen.filter(([norm]) => !norms.has(norm)).map(([norm, path]): Untouched => ({
    path,
    module: briefly(norm),
    reason: "its class has a forward of its own",
  }));
  const { result, keys } = watchKeys(model, () => norms.size ? remove(action, model, norms, options.input) : []);
  return new Changes(`Batch norm removed from ${model.constructor.name}`, result, left, keys);
}

function remove(
  action: string,
  model: Module,
  norms: ReadonlyMap<BatchNorm2d, string>,
  input: SampleInput | undefined,
): Change[] {
  if (norms.has(model as BatchNorm2d)) {
    throw new TypeError(`Cannot ${action}: expected a network with batch norm in it, found a batch norm by itself`);
  }
  const paths = pathsOf(model);
  return withWiring(action, model, input, ({ sources }) =>
    [...norms].flatMap(([norm, path]) => {
      const convs = [...new Set(sources.get(norm) ?? [])].filter((conv) => conv !== undefined && conv.bias === null);
      const biases = convs.map((conv): Change => addBias(conv!, paths.get(conv!)!));
      replaceModule(model, norm, takeAfter(new Identity(), norm));
      return [...biases, { path, before: briefly(norm), after: "Identity" }];
    }));
}

function addBias(conv: Conv2d, path: string): Change {
  const before = briefly(conv);
  conv.bias = newBias(conv);
  return { path, before: `${before}, no bias`, after: `${before}, bias of zeros` };
}
