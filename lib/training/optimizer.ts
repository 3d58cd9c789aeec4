import * as tf from "@tensorflow/tfjs";
import { ownedVariable } from "../engine/ops/variable.ts";
import type { Module, Parameter } from "../nn/mod.ts";

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
  readonly #state = new Map<Parameter, tf.Variable[]>();

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

  /** Gives the memory of running averages back. */
  dispose(): void {
    for (const variables of this.#state.values()) variables.forEach((variable) => variable.dispose());
    this.#state.clear();
  }

  /** Changes one parameter. */
  protected abstract update(parameter: Parameter, gradient: tf.Tensor, group: FilledGroup): void;

  /** This parameter's running averages, zeros at first. */
  protected state(parameter: Parameter, count: number): tf.Variable[] {
    let variables = this.#state.get(parameter);
    if (!variables) {
      variables = Array.from({ length: count }, () => ownedVariable(tf.zeros(parameter.value.shape)));
      this.#state.set(parameter, variables);
    }
    return variables;
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

/** Checks that a rate is a number that is not negative. */
export function checkRate(type: string, name: string, value: number): void {
  if (!(value >= 0) || !Number.isFinite(value)) {
    throw new RangeError(`Cannot make ${type}: expected ${name} to be a number ≥ 0, found ${value}`);
  }
}
