import { checkOptions } from "../nn/check_options.ts";
import { BatchNorm2d, type BatchNorm2dOptions, Conv2d, expectModule, type Module, Sequential } from "../nn/mod.ts";
import { isSelected, selectPaths } from "../nn/select.ts";
import { type Change, Changes, type Untouched } from "./changes.ts";
import { watchKeys } from "./key_changes.ts";
import { briefly, replaceModule, takeAfter } from "./replace.ts";
import type { SampleInput } from "./sample_input.ts";
import { type Wiring, withWiring } from "./wiring.ts";

/** Options of {@linkcode insertBatchNorm}: those of `nn.BatchNorm2d`, and what to run the network on. */
export interface InsertBatchNormOptions extends BatchNorm2dOptions {
  /**
   * What the network runs on once, over noise and in evaluation, to see which convolutions have a batch norm already:
   * pixels, `[height, width]` or an input; as `model.transforms` say, or a usual size, unless given.
   */
  input?: SampleInput;
}

/**
 * Puts batch norm behind convolutions (Ioffe & Szegedy 2015): each `nn.Conv2d` that has none becomes
 * `nn.Sequential(conv, new nn.BatchNorm2d(channels))`, so `conv.weight` in the state dict is `conv.0.weight` from then on. A
 * convolution keeps its bias, which batch norm makes idle while training.
 *
 * What is put behind a frozen convolution is frozen.
 *
 * @param where names as in `freeze`, of convolutions or of parts with convolutions in them; all unless given
 * @throws {RangeError} where a name is not one of the network's, {TypeError} where the network cannot run on the input
 *
 * @example
 * ```ts
 * import { insertBatchNorm, nn } from "thaw";
 *
 * const net = new nn.Sequential(new nn.Conv2d(3, 8, 3), new nn.ReLU(), new nn.Conv2d(8, 8, 3));
 * const { keys } = insertBatchNorm(net, "2");
 * console.log(String(net[2].get("1")), keys.renamed.get("2.weight")); // BatchNorm2d(8, …) 2.0.weight
 * ```
 */
export function insertBatchNorm(
  model: Module,
  where?: string | readonly string[],
  options: InsertBatchNormOptions = {},
): Changes {
  const action = "insert batch norm";
  expectModule(action, model);
  checkOptions(action, options, ["eps", "momentum", "input"]);
  const { input, ...settings } = options;
  const meant = where === undefined ? undefined : selectPaths(`${action} at`, model, where);
  const convs = new Map<Conv2d, string>();
  for (const [path, module] of model.namedModules()) {
    if (!(module instanceof Conv2d) || convs.has(module)) continue;
    if (meant === undefined || isSelected(path, meant)) convs.set(module, path);
  }
  if (convs.has(model as Conv2d)) {
    throw new TypeError(`Cannot ${action}: expected a network with convolutions in it, found a convolution by itself`);
  }
  const left: Untouched[] = [];
  const { result, keys } = watchKeys(
    model,
    () => convs.size ? withWiring(action, model, input, (wiring) => insert(model, convs, wiring, settings, left)) : [],
  );
  return new Changes(`Batch norm inserted into ${model.constructor.name}`, result, left, keys);
}

function insert(
  model: Module,
  convs: ReadonlyMap<Conv2d, string>,
  { sources, runs }: Wiring,
  settings: BatchNorm2dOptions,
  left: Untouched[],
): Change[] {
  const normalized = new Set([...sources.values()].flat());
  const changes: Change[] = [];
  for (const [conv, path] of convs) {
    if (normalized.has(conv)) continue;
    if (!runs.has(conv)) left.push({ path, module: briefly(conv), reason: "it does not run" });
    else {
      const norm = takeAfter(new BatchNorm2d(conv.outChannels, settings), conv, conv.weight.requiresGrad);
      const both = new Sequential(conv, norm);
      both.training = conv.training;
      both.frozen = conv.frozen;
      replaceModule(model, conv, both);
      changes.push({ path, before: briefly(conv), after: `Sequential(${briefly(conv)}, ${briefly(norm)})` });
    }
  }
  return changes;
}
