import type * as tf from "@tensorflow/tfjs";
import { addModule } from "./add_module.ts";
import { Module } from "./module.ts";
import { moduleListText } from "./print.ts";

/**
 * Modules under the names 0, 1, 2, …, for a network that calls them itself: torch.nn.ModuleList.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 *
 * const list = new nn.ModuleList([new nn.Linear(2, 2), new nn.Linear(2, 2)]);
 * console.log(String(list[0]), list.length);
 * ```
 */
export class ModuleList extends Module implements Iterable<Module> {
  [index: number]: Module;

  /** @throws {TypeError} where one is no module */
  constructor(modules: Iterable<Module> = []) {
    super();
    for (const module of modules) this.append(module);
  }

  /** The number of modules. */
  get length(): number {
    return this.children().length;
  }

  /** Puts a module at the end. */
  append(module: Module): this {
    addModule(this, String(this.length), module);
    return this;
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.children()[Symbol.iterator]();
  }

  override toString(): string {
    return moduleListText(this);
  }

  override forward(_x: tf.Tensor): tf.Tensor {
    throw new TypeError("a ModuleList only holds modules: call them one by one, or use a Sequential");
  }
}
