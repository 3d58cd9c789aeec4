import * as tf from "@tensorflow/tfjs";
import { ownedVariable } from "../engine/ops/variable.ts";
import type { Module, Parameter } from "../nn/mod.ts";
import { StateDict } from "../weights/state_dict.ts";
import { type Memory, memoryEntries, type OptimizerState, readMemory } from "./optimizer_state.ts";

/** Parameters that share their rates. */
export interface ParameterGroup {
  parameters: readonly Parameter[];
  /** The step size; the optimizer's own unless given. */
  learningRate?: number;
  /** L2 penalty (SGD, Adam) or decay (AdamW) per step; the optimizer's own unless given. */
  weightDecay?: number;
  /** How it is called in displays. */
  name?: string;
}

/** What an optimizer is made for: parameters, or groups of them with rates of their own. */
export type Trained = readonly Parameter[] | readonly ParameterGroup[];

/** A {@linkcode ParameterGroup} with every rate filled in. */
export interface FilledGroup {
  readonly parameters: readonly Parameter[];
  readonly name?: string;
  learningRate: number;
  weightDecay: number;
}

/** Changes parameters by their gradients, one step at a time. */
export abstract class Optimizer {
  /** The groups; their rates may be changed between steps. */
  readonly groups: readonly FilledGroup[];
  readonly #memory = new Map<Parameter, Memory>();

  /** @throws {RangeError} where a rate cannot be, {TypeError} where there is nothing to train */
  constructor(trained: Trained, rates: { learningRate: number; weightDecay: number }) {
    const groups = trained.map((one) => "parameters" in one ? one : null);
    const filled = groups.every((group) => group !== null) ? groups : [{ parameters: trained as Parameter[] }];
    this.groups = filled.map((group) => ({ ...rates, ...group }));
    if (this.parameters().length === 0) {
      throw new TypeError(
        `Cannot make ${new.target.name}: expected parameters to train, found none (is everything frozen?)`,
      );
    }
    for (const { learningRate, weightDecay } of this.groups) {
      checkRate(new.target.name, "learningRate", learningRate);
      checkRate(new.target.name, "weightDecay", weightDecay);
    }
  }

  /** All parameters, group by group. */
  parameters(): Parameter[] {
    return this.groups.flatMap(({ parameters }) => parameters);
  }

  /** Changes every parameter by its gradient, given in the order of {@linkcode parameters}; one without is left alone. */
  step(gradients: readonly (tf.Tensor | undefined)[]): void {
    let position = 0;
    for (const group of this.groups) {
      for (const parameter of group.parameters) {
        const gradient = gradients[position++];
        if (gradient && parameter.requiresGrad) tf.tidy(() => this.update(parameter, gradient, group));
      }
    }
  }

  /**
   * All that the next step depends on besides weights and gradients: rates, running averages and counts of steps, in
   * torch's names, by the parameters' paths in the network (`"fc.weight.exp_avg"`). Later steps do not change it.
   *
   * @param model the network that the parameters belong to
   *
   * @example
   * ```ts
   * import { Adam, nn } from "thaw";
   *
   * const net = new nn.Linear(2, 2);
   * console.log(new Adam(net.parameters()).state(net).groups[0].parameters); // [ "weight", "bias" ]
   * ```
   */
  state(model: Module): OptimizerState {
    const pathOf = pathsOf(model);
    const groups = this.groups.map((group) => ({ ...group, parameters: group.parameters.map(pathOf) }));
    const entries = [...this.#memory].flatMap(([one, memory]) => memoryEntries(pathOf(one), one, memory));
    return { ...this.describe(), groups, tensors: StateDict.from(entries) };
  }

  /**
   * Goes on where {@linkcode state} was taken: rates, running averages and counts of steps are replaced.
   *
   * @throws {TypeError} where the state is of another kind of optimizer or of other parameters
   */
  restore(state: OptimizerState, model: Module): void {
    const { type } = this.describe();
    const fail = (expected: string, found: string): never => {
      throw new TypeError(`Cannot restore ${type}: expected ${expected}, found ${found}`);
    };
    if (state.type !== type) fail(`the state of ${type}`, `one of ${state.type}`);
    const pathOf = pathsOf(model);
    const own = this.groups.map(({ parameters }) => `[${parameters.map(pathOf).join(", ")}]`).join(" ");
    const given = state.groups.map(({ parameters }) => `[${parameters.join(", ")}]`).join(" ");
    if (own !== given) fail(`the state of the parameters ${own}`, given);
    const memories = this.parameters().map((one) => [one, readMemory(pathOf(one), one, state.tensors)] as const);
    this.dispose();
    for (const [parameter, memory] of memories) if (memory) this.#memory.set(parameter, memory);
    this.groups.forEach((group, i) => {
      group.learningRate = state.groups[i].learningRate;
      group.weightDecay = state.groups[i].weightDecay;
    });
  }

  /** Its kind and the numbers that all groups share, such as `betas`. */
  describe(): { type: string; settings: Record<string, unknown> } {
    const { groups: _, ...settings } = this as Record<string, unknown> & this;
    return { type: this.constructor.name, settings: { ...settings } };
  }

  /**
   * Sets how much of the last steps' direction goes on: SGD's momentum, Adam's first beta.
   *
   * @returns what it was
   */
  abstract moveMomentum(momentum: number): number;

  /** Gives the memory of running averages back. */
  dispose(): void {
    for (const { averages } of this.#memory.values()) averages.forEach((variable) => variable.dispose());
    this.#memory.clear();
  }

  /** Changes one parameter. */
  protected abstract update(parameter: Parameter, gradient: tf.Tensor, group: FilledGroup): void;

  /** This parameter's running averages, zeros at first; their names are those in {@linkcode state}. */
  protected averages(parameter: Parameter, names: readonly string[]): tf.Variable[] {
    const { averages } = this.#remembered(parameter);
    return names.map((name) => {
      if (!averages.has(name)) averages.set(name, ownedVariable(tf.fill(parameter.value.shape, 0)));
      return averages.get(name)!;
    });
  }

  /**
   * The number of this step for this parameter, from 1. Counted for each, as torch does: one that had no gradient at first
   * starts its averages later.
   */
  protected countStep(parameter: Parameter): number {
    return ++this.#remembered(parameter).steps;
  }

  #remembered(parameter: Parameter): Memory {
    let memory = this.#memory.get(parameter);
    if (!memory) this.#memory.set(parameter, memory = { averages: new Map(), steps: 0 });
    return memory;
  }
}

/**
 * Groups a network's trainable parameters by module, each with rates of its own.
 *
 * @param rates by a module's name; parameters under none of them form a last group with the optimizer's own rates
 * @throws {RangeError} where a name is not one of the network's
 *
 * @example
 * ```ts
 * import { nn, parameterGroups, SGD } from "thaw";
 *
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * const optimizer = new SGD(parameterGroups(net, { "2": { learningRate: 0.1 } }), { learningRate: 0.01 });
 * console.log(optimizer.groups.map((group) => group.learningRate)); // [ 0.1, 0.01 ]
 * ```
 */
export function parameterGroups(
  model: Module,
  rates: Record<string, { learningRate?: number; weightDecay?: number }>,
): ParameterGroup[] {
  const left = new Map(model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad));
  const groups = Object.entries(rates).map(([name, rate]) => {
    const own = [...left].filter(([path]) => path === name || path.startsWith(`${name}.`));
    if (own.length === 0) {
      throw new RangeError(`Cannot group parameters: expected trainable ones under "${name}", found none`);
    }
    own.forEach(([path]) => left.delete(path));
    return { name, ...rate, parameters: own.map(([, parameter]) => parameter) };
  });
  return left.size ? [...groups, { name: "the rest", parameters: [...left.values()] }] : groups;
}

/** Tells a parameter's path in a network. */
function pathsOf(model: Module): (parameter: Parameter) => string {
  const paths = new Map(model.namedParameters().map(([path, parameter]) => [parameter, path]));
  return (parameter) => {
    const path = paths.get(parameter);
    if (path !== undefined) return path;
    throw new TypeError(
      `Cannot name the optimizer's parameters: expected those of ${model.constructor.name}, found another of shape ` +
        `[${parameter.shape.join(", ")}]`,
    );
  };
}

/** Checks that a rate is a number that is not negative. */
export function checkRate(type: string, name: string, value: number): void {
  if (!(value >= 0) || !Number.isFinite(value)) {
    throw new RangeError(`Cannot make ${type}: expected ${name} to be a number ≥ 0, found ${value}`);
  }
}
