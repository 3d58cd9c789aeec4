import type * as tf from "@tensorflow/tfjs";
import { ownedVariable } from "../engine/ops/variable.ts";
import type { Parameter } from "../nn/mod.ts";
import { arrayEntry, type Entry, type StateDict } from "../weights/state_dict.ts";

/** What an optimizer needs to go on, in torch's terms. Without `tensors` it is plain data that JSON can hold. */
export interface OptimizerState {
  /** The optimizer's class. */
  type: string;
  /** What all groups share, such as `betas` or `momentum`. */
  settings: Record<string, unknown>;
  /** The groups with their rates; parameters by their paths in the network. */
  groups: { name?: string; learningRate: number; weightDecay: number; parameters: string[] }[];
  /** `momentum_buffer` (SGD), `exp_avg`, `exp_avg_sq` and `step` (Adam), each behind its parameter's path. */
  tensors: StateDict;
}

/** What an optimizer remembers of one parameter: running averages by torch's names, and how many steps it has made. */
export interface Memory {
  readonly averages: Map<string, tf.Variable>;
  steps: number;
}

/** A parameter's memory as entries of a state dict; `step` is a float32 number, as in torch. */
export function memoryEntries(path: string, parameter: Parameter, { averages, steps }: Memory): [string, Entry][] {
  const entries = [...averages].map(([name, value]): [string, Entry] => [`${path}.${name}`, parameter.entryOf(value)]);
  return steps ? [[`${path}.step`, arrayEntry([], "float32", Float32Array.of(steps))], ...entries] : entries;
}

/** The reverse; undefined for a parameter that has not moved yet. */
export function readMemory(path: string, parameter: Parameter, tensors: StateDict): Memory | undefined {
  const memory: Memory = { averages: new Map(), steps: 0 };
  for (const [name, entry] of tensors) {
    const average = name.slice(path.length + 1);
    if (!name.startsWith(`${path}.`) || average.includes(".")) continue;
    if (average === "step") memory.steps = Number(entry.dataSync!()[0]);
    else {
      if (String(entry.shape) !== String(parameter.shape)) {
        throw new TypeError(
          `Cannot restore "${name}": expected [${parameter.shape.join(", ")}], found [${entry.shape.join(", ")}]`,
        );
      }
      memory.averages.set(average, ownedVariable(parameter.tensorOf(entry)));
    }
  }
  return memory.steps || memory.averages.size ? memory : undefined;
}
