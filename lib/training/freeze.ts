import { BatchNorm2d, expectModule, type Module } from "../nn/mod.ts";
import { isSelected, isWithin, selectPaths } from "../nn/select.ts";
import { FreezePlan } from "./freeze_plan.ts";

/**
 * Which part of a network to freeze.
 *
 * - `{ until: "layer3" }`: all that runs before layer3, and nothing else; layer3 is the first to train. A path into a stage
 *   (`"layer3.1"`) divides that stage.
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
  const [first, ...rest] = until.split(".");
  const exact = stages.findIndex(({ name }) => name === until);
  if (exact >= 0) return stages.slice(exact).flatMap(({ modules }) => modules);
  const divided = stages.findIndex(({ name }) => until.startsWith(`${name}.`));
  if (divided < 0 || rest.length === 0) {
    const names = stages.map(({ name }) => name).join(", ");
    throw new RangeError(`Cannot freeze until "${until}": expected one of the stages ${names}, found "${first}"`);
  }
  const stage = stages[divided].name;
  const inside = until.slice(stage.length + 1).split(".");
  const trained = stages.slice(divided + 1).flatMap(({ modules }) => [...modules]);
  inside.forEach((name, depth) => {
    const parent = [stage, ...inside.slice(0, depth)].join(".");
    const children = model.get(parent).namedChildren().map(([child]) => child);
    const position = children.indexOf(name);
    if (position < 0) {
      throw new RangeError(
        `Cannot freeze until "${until}": expected one of "${parent}"'s submodules (${
          children.join(", ")
        }), found "${name}"`,
      );
    }
    const last = depth === inside.length - 1;
    trained.push(...children.slice(last ? position : position + 1).map((child) => `${parent}.${child}`));
  });
  return trained;
}

function selected(model: Module, names: string | readonly string[]): Set<string> {
  return selectPaths("freeze or unfreeze", model, names, "modules and parameters");
}
