import { type Module, nn } from "./nn.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { type ModuleSpec, weights } from "../golden/layers.ts";

// deno-lint-ignore no-explicit-any
const classes = nn as unknown as Record<string, new (...args: any[]) => Module>;

/** The module that a golden case describes. */
export function build({ type, args = [], options, children }: ModuleSpec): Module {
  if (children === undefined) return new classes[type](...args, ...(options ? [options] : []));
  if (!Array.isArray(children)) {
    return new nn.Sequential(
      Object.fromEntries(Object.entries(children).map(([name, child]) => [name, build(child)])),
    );
  }
  const made = children.map(build);
  return type === "ModuleList" ? new nn.ModuleList(made) : new nn.Sequential(...made);
}

/** Gives a module the weights that the golden case's name stands for. */
export function fill(module: Module, name: string): void {
  const state = module.namedState().filter(([, { dtype }]) => dtype === "float32");
  const entries = state.map(([path, { shape }]) => [path, { shape, data: weights(`${name}.${path}`, shape) }] as const);
  module.loadStateDict(StateDict.from(Object.fromEntries(entries)), { strict: false });
}
