import type * as tf from "@tensorflow/tfjs";
import { checkOptions } from "../nn/check_options.ts";
import { BatchNorm2d, Conv2d, expectModule, type Module } from "../nn/mod.ts";
import { chosenNorms } from "./batch_norms.ts";
import { Changes, type Untouched } from "./changes.ts";
import { foldPair, type Pair } from "./fold.ts";
import { watchKeys } from "./key_changes.ts";
import { briefly, pathsOf } from "./replace.ts";
import { difference, outputs } from "./same_outputs.ts";
import type { SampleInput } from "./sample_input.ts";
import { isPlain, type Wiring, withWiring } from "./wiring.ts";

/** Options of {@linkcode foldBatchNorm}. */
export interface FoldBatchNormOptions {
  /** Names, as in `freeze`, of batch norms that stay, or of parts that they are in; none unless given. */
  keep?: string | readonly string[];
  /**
   * What the network runs on, over noise and in evaluation, to see which batch norm takes which convolution's output and
   * whether its output is the same afterwards: pixels, `[height, width]` or an input; as `model.transforms` say, or a usual
   * size, unless given.
   */
  input?: SampleInput;
}

/** How far outputs may be off, as a share of the largest: rounding through a hundred layers stays well below. */
const tolerance = 1e-4;

/**
 * Folds batch norm into the convolutions before it, for a trained network that only predicts from now on: in evaluation batch
 * norm multiplies each channel by a number and adds another, which the convolution's weight and bias can do as well
 * (torch.nn.utils.fusion.fuse_conv_bn_eval). The batch norm becomes `nn.Identity`; the network computes the same, to rounding.
 *
 * Batch norm that takes something else than a convolution's output stays, and the result says so. What is frozen stays so; a
 * new bias trains if its convolution's weight does.
 *
 * @param where names as in `freeze`, of batch norms or of parts with batch norms in them; all unless given
 * @throws {Error} where the network's output is not the same afterwards, as where a convolution's output is used twice; then
 * nothing has changed
 * @throws {RangeError} where a name is not one of the network's, {TypeError} where the network cannot run on the input
 *
 * @example
 * ```ts
 * import { foldBatchNorm, nn } from "thaw";
 *
 * const net = new nn.Sequential(new nn.Conv2d(3, 8, 3, { bias: false }), new nn.BatchNorm2d(8), new nn.ReLU());
 * const { paths, keys } = foldBatchNorm(net);
 * console.log(paths, keys.added); // [ "0", "1" ] [ "0.bias" ]
 * console.log(String(net[0]), String(net[1])); // Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1)) Identity()
 * ```
 */
export function foldBatchNorm(
  model: Module,
  where?: string | readonly string[],
  options: FoldBatchNormOptions = {},
): Changes {
  const action = "fold batch norm";
  expectModule(action, model);
  checkOptions(action, options, ["keep", "input"]);
  const norms = chosenNorms(action, model, where, options.keep);
  const paths = pathsOf(model);
  const { result, keys } = watchKeys(model, () => {
    if (norms.size === 0) return { pairs: [], left: [] };
    return withWiring(action, model, options.input, (wiring, x) => {
      const found = pairUp(model, norms, wiring, paths);
      if (found.pairs.length) foldAll(model, found.pairs, x, paths);
      return found;
    });
  });
  const changes = result.pairs.flatMap(({ norm, conv }) => [
    { path: paths.get(conv)!, before: briefly(conv), after: `${briefly(conv)}, ${paths.get(norm)} folded in` },
    { path: paths.get(norm)!, before: briefly(norm), after: "Identity" },
  ]);
  return new Changes(`Batch norm folded in ${model.constructor.name}`, changes, result.left, keys);
}

/** Which batch norm can go into which convolution, and which cannot, and why. */
function pairUp(
  model: Module,
  norms: ReadonlyMap<BatchNorm2d, string>,
  wiring: Wiring,
  paths: ReadonlyMap<Module, string>,
): { pairs: Pair[]; left: Untouched[] } {
  const pairs: Pair[] = [];
  const left: Untouched[] = [];
  for (const [norm, path] of norms) {
    const conv = wiring.sources.get(norm)?.[0];
    const reason = obstacle(model, norm, conv, wiring, paths);
    if (reason === undefined) pairs.push({ norm, conv: conv! });
    else left.push({ path, module: briefly(norm), reason });
  }
  return { pairs, left };
}

/** Why a batch norm cannot go into the convolution that its first input came from. */
function obstacle(
  model: Module,
  norm: BatchNorm2d,
  conv: Conv2d | undefined,
  { sources, runs }: Wiring,
  paths: ReadonlyMap<Module, string>,
): string | undefined {
  if (!isPlain(norm, BatchNorm2d)) return "its class has a forward of its own";
  const own = sources.get(norm);
  if (!own) return "it does not run";
  if (!conv || own.some((source) => source !== conv)) return "it takes something else than one convolution's output";
  const name = paths.get(conv);
  if (!isPlain(conv, Conv2d)) return `the class of ${name} has a forward of its own`;
  const takers = [...sources].filter(([, taken]) => taken.includes(conv)).length;
  if (takers > 1 || runs.get(conv) !== own.length) return `the output of ${name} goes elsewhere too`;
  const shares = (other: Module) =>
    Object.values(other).some((value) => value === conv.weight || (value !== null && value === conv.bias));
  if (model.modules().some((other) => other !== conv && shares(other))) return `${name} shares its weights`;
  return undefined;
}

/** Folds all pairs, or none where that would change what the network computes. */
function foldAll(model: Module, pairs: readonly Pair[], x: tf.Tensor, paths: ReadonlyMap<Module, string>): void {
  const inside = new Set(pairs.map(({ conv }) => conv));
  const before = outputs(model, x, inside);
  const off = (some: readonly Pair[], keep = false): number => {
    const folded = some.map((pair) => foldPair(model, pair));
    let found = NaN;
    try {
      found = difference(before, outputs(model, x, inside));
    } finally {
      if (keep && found <= tolerance) folded.forEach(({ settle }) => settle());
      else folded.toReversed().forEach(({ undo }) => undo());
    }
    return found;
  };
  if (before.some((values) => !values.every(Number.isFinite))) {
    throw new RangeError(
      `Cannot fold batch norm of ${model.constructor.name}: expected finite numbers to compare, found others in its ` +
        "output before anything changed; pass { input: tensor } with an input that it is made for",
    );
  }
  const all = off(pairs, true);
  if (all <= tolerance) return;
  const guilty = pairs.filter((pair) => !(off([pair]) <= tolerance)).map(({ norm }) => paths.get(norm)!);
  const names = guilty.length ? guilty : pairs.map(({ norm }) => paths.get(norm)!);
  throw new Error(
    `Cannot fold batch norm of ${model.constructor.name}: expected the same output, found it off by ` +
      `${all.toPrecision(2)} of its largest value with ${names.join(", ")} folded: is the convolution's output used ` +
      `elsewhere too? Nothing has changed; pass { keep: ${JSON.stringify(names)} } to fold the others`,
  );
}
