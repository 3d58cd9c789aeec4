import { checkOptions } from "../nn/check_options.ts";
import { Conv2d, describeValue, expectModule, Linear, type Module } from "../nn/mod.ts";
import { listed } from "../nn/select.ts";
import type { ModelInfo } from "./info.ts";
import { infoOf, rememberHead } from "./spec.ts";

/** Options of {@linkcode replaceHead}. */
export interface ReplaceHeadOptions {
  /**
   * The dotted name of the layer that makes logits, or several of them; as the network's builder knows, or the last
   * `nn.Linear` of a network of one's own, unless given.
   */
  head?: string | readonly string[];
}

/**
 * Gives a network a new head for other classes, in place: a layer of the same kind for the same features, whose first values
 * are those of torch's `nn.Linear` or `nn.Conv2d`. Auxiliary heads (GoogLeNet's, Inception's) are replaced as well.
 *
 * It is what `model.fc = new nn.Linear(model.fc.inFeatures, 9)` does, wherever a family has its head. The new head trains,
 * also where the old one was frozen, since it has learned nothing yet; everything else stays as frozen as it was.
 * `model.classes`, which named the old outputs, is dropped.
 *
 * @param classes how many classes to tell apart
 * @returns the new head
 * @throws {RangeError} where the number of classes cannot be, or a name is not one of the network's
 * @throws {TypeError} where no layer can be found that makes logits
 *
 * @example
 * ```ts
 * import { freeze, models, replaceHead } from "thaw";
 *
 * const model = models.resnet18();
 * freeze(model);
 * const head = replaceHead(model, 9);
 * console.log(String(head)); // Linear(in_features=512, out_features=9, bias=True)
 * console.log(model.fc === head, head.frozen); // true false
 * ```
 */
export function replaceHead(model: Module, classes: number, options: ReplaceHeadOptions = {}): Linear | Conv2d {
  expectModule("replace the head", model);
  checkOptions("replace the head", options, ["head"]);
  if (!Number.isInteger(classes) || classes < 1) {
    throw new RangeError(
      `Cannot replace the head: expected classes to be a whole number ≥ 1, found ${
        typeof classes === "string" ? `"${classes}"` : describeValue(classes)
      }`,
    );
  }
  const named = options.head === undefined ? knownHeads(model) : listed("replace the head", options.head);
  const made = replaceLayers(model, named, classes);
  model.classes = undefined;
  if (options.head === undefined) rememberHead(model, classes);
  return made[0];
}

/** The names of a network's own head and of its auxiliary ones, as far as it was made with them. */
export function headsOf(model: Module, { head, auxiliaryHeads }: ModelInfo): string[] {
  const there = new Set(model.namedModules().map(([path]) => path));
  return [head, ...auxiliaryHeads.filter((path) => there.has(path))];
}

/**
 * Puts new layers in the place of those that make logits: the layers of these names, or the last ones within them.
 *
 * @param classes how many classes to tell apart; as many as before unless given
 */
export function replaceLayers(model: Module, names: readonly string[], classes?: number): (Linear | Conv2d)[] {
  const paths = names.map((name) => layerWithin(model, name, classes)); // all are found before anything changes
  return paths.map((path) => {
    const old = model.get(path) as Linear | Conv2d;
    const fresh = madeLike(old, classes);
    fresh.train(old.training);
    for (const [place, module] of model.namedModules()) if (module === old) put(model, place, fresh);
    return fresh;
  });
}

function knownHeads(model: Module): string[] {
  const info = infoOf(model);
  if (info) return headsOf(model, info);
  const type = model.constructor.name;
  if (model instanceof Linear) {
    throw new TypeError(`Cannot replace the head: expected a network that has one, found a layer, ${type}`);
  }
  const last = lastOf(model, (module) => module.constructor === Linear); // an attention's layer of this kind is no head
  if (last !== undefined) return [last];
  const example = lastOf(model, (module) => module instanceof Conv2d || module instanceof Linear) ?? "NAME";
  throw new TypeError(
    `Cannot replace the head of ${type}: expected an nn.Linear in it, found none; name the layer that makes logits: ` +
      `replaceHead(model, 9, { head: "${example}" })`,
  );
}

function lastOf(model: Module, fits: (module: Module) => boolean): string | undefined {
  return model.namedModules().findLast(([, module]) => fits(module))?.[0];
}

/** Where dropout has been put before the head, the head is the last layer of what stands in its place. */
function layerWithin(model: Module, name: string, classes: number | undefined): string {
  const within = model.get(name);
  const last = lastOf(within, (module) => module instanceof Linear || module instanceof Conv2d);
  if (last !== undefined) return last === "" ? name : `${name}.${last}`;
  const place = `model.${name.replace(/\.(\d+)/g, "[$1]")}`;
  throw new TypeError(
    `Cannot replace the head of ${model.constructor.name}: expected an nn.Linear or nn.Conv2d at "${name}", found ` +
      `${within.constructor.name}; put one there yourself: ${place} = new nn.Linear(inFeatures, ${
        classes ?? "classes"
      })`,
  );
}

function madeLike(old: Linear | Conv2d, classes: number | undefined): Linear | Conv2d {
  const bias = old.bias !== null;
  if (old instanceof Linear) return new Linear(old.inFeatures, classes ?? old.outFeatures, { bias });
  const { inChannels, outChannels, kernelSize, stride, padding, dilation } = old;
  return new Conv2d(inChannels, classes ?? outChannels, kernelSize, { stride, padding, dilation, bias });
}

/** A part that counts as frozen because all in it is does so no more. */
function put(model: Module, path: string, fresh: Module): void {
  const names = path.split(".");
  const above = names.map((_, depth) => model.get(names.slice(0, depth).join(".")));
  above.forEach((module) => module.frozen = false);
  Object.assign(above[above.length - 1], { [names[names.length - 1]]: fresh });
}
