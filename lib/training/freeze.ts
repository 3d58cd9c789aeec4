import { BatchNorm2d, expectModule, type Module } from "../nn/mod.ts";
import { isSelected, isWithin, selectPaths } from "../nn/select.ts";
import { findStage } from "../nn/stage.ts";
import { FreezePlan } from "./freeze_plan.ts";

/**
 * Which part of a network to freeze.
 *
 * - `{ until: "layer3" }`: all that runs before layer3, and nothing else; layer3 is the first to train. A path into a stage
 *   (`"layer3.1"`) divides that stage;
 *   a container of several stages (vgg's `"classifier"`) means the first of them.
 * - `{ except: ["layer4", "fc"] }`: everything but these, which train.
 * - `"conv1"` or `["conv1", "layer1.*"]`: these too, besides what is frozen already. A name stands for a module with all
 *   below it or for a single parameter; `*` stands for any one name, `**` for any path.
 */
export type FreezeSelection = { until: string } | { except: readonly string[] } | string | readonly string[];

/** Options of {@linkcode freeze}. */
export interface FreezeOptions {
  /**
   * What frozen batch norm does while the rest trains: `"eval"` (the default) uses its running statistics and keeps them,
   * `"train"` normalizes by the batch and lets the statistics move, as PyTorch does unless told otherwise.
   */
  batchNorm?: "eval" | "train";
}

/**
 * Freezes a part of a network: its parameters get no gradient, no weight decay and no momentum, its dropout is off and its
 * batch norm keeps its statistics. `model.train()` does not undo it; {@linkcode unfreeze} does.
 *
 * @param what which part; everything unless given
 * @returns the plan, which displays as the freeze map
 * @throws {RangeError} where a name is not one of the network's
 *
 * @example
 * ```ts
 * import { freeze, nn } from "thaw";
 *
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * const plan = freeze(net, { until: "2" });
 * console.log(plan.trainable, plan.parameters); // 18 58
 * ```
 */
export function freeze(model: Module, what?: FreezeSelection, { batchNorm = "eval" }: FreezeOptions = {}): FreezePlan {
  expectModule("freeze", model);
  if (batchNorm !== "eval" && batchNorm !== "train") {
    throw new RangeError(`Cannot freeze: expected batchNorm "eval" or "train", found ${JSON.stringify(batchNorm)}`);
  }
  if (what === undefined) mark(model, () => true, batchNorm);
  else if (typeof what === "object" && "until" in what) {
    const trained = namesFrom(model, what.until);
    mark(model, (path) => !trained.some((name) => isWithin(path, name)), batchNorm);
  } else if (typeof what === "object" && "except" in what) {
    const trained = selected(model, what.except);
    mark(model, (path) => !isSelected(path, trained), batchNorm);
  } else {
    const frozen = selected(model, what);
    mark(model, (path) => isSelected(path, frozen) || undefined, batchNorm);
  }
  return new FreezePlan(model);
}

/**
 * Lets a part of a network train again, or, without `what`, all of it.
 *
 * @param what names as in {@linkcode freeze}
 * @throws {RangeError} where a name is not one of the network's
 */
export function unfreeze(model: Module, what?: string | readonly string[]): FreezePlan {
  expectModule("unfreeze", model);
  if (what === undefined) mark(model, () => false, "eval");
  else {
    const names = selected(model, what);
    mark(model, (path) => isSelected(path, names) ? false : undefined, "eval");
  }
  return new FreezePlan(model);
}

/** Freezes or unfreezes every parameter and module by its path; undefined leaves it as it is. */
function mark(model: Module, isFrozen: (path: string) => boolean | undefined, batchNorm: "eval" | "train"): void {
  for (const [path, parameter] of model.namedParameters()) {
    const frozen = isFrozen(path);
    if (frozen !== undefined) parameter.requiresGrad = !frozen;
  }
  for (const [path, module] of model.namedModules().toReversed()) { // a container counts as frozen when all in it is
    const children = module.children();
    const frozen = isFrozen(path);
    if (children.length > 0) module.frozen = children.every((child) => child.frozen) && !anyTrained(module);
    else if (frozen !== undefined) module.frozen = frozen && !(batchNorm === "train" && module instanceof BatchNorm2d);
  }
}

function anyTrained(module: Module): boolean {
  return module.parameters().some(({ requiresGrad }) => requiresGrad);
}

function namesFrom(model: Module, until: string): string[] {
  const stages = model.stages();
  const position = findStage(stages, until);
  if (position < 0) {
    const names = stages.map(({ name }) => name).join(", ");
    const [first] = until.split(".");
    throw new RangeError(`Cannot freeze until "${until}": expected one of the stages ${names}, found "${first}"`);
  }
  const { name, modules } = stages[position];
  const later = stages.slice(position + 1).flatMap(({ modules }) => modules);
  const divided = name === until ? -1 : modules.findIndex((module) => isWithin(until, module));
  if (divided < 0) return [...modules, ...later];
  return [...partsFrom(model, modules[divided], until), ...modules.slice(divided + 1), ...later];
}

/** What of a module runs from one of its parts on, by the order of its children. */
function partsFrom(model: Module, module: string, until: string): string[] {
  if (module === until) return [until];
  const inside = until.slice(module.length + 1).split(".");
  return inside.flatMap((name, depth) => {
    const parent = [module, ...inside.slice(0, depth)].join(".");
    const children = model.get(parent).namedChildren().map(([child]) => child);
    const position = children.indexOf(name);
    if (position < 0) {
      const known = children.join(", ");
      throw new RangeError(
        `Cannot freeze until "${until}": expected one of "${parent}"'s submodules (${known}), found "${name}"`,
      );
    }
    const last = depth === inside.length - 1;
    return children.slice(last ? position : position + 1).map((child) => `${parent}.${child}`);
  });
}

function selected(model: Module, names: string | readonly string[]): Set<string> {
  return selectPaths("freeze or unfreeze", model, names, "modules and parameters");
}
