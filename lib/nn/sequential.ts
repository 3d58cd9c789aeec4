import type * as tf from "@tensorflow/tfjs";
import { addModule } from "./add_module.ts";
import { Module, type ModuleClass } from "./module.ts";
import { runStages, type Stage } from "./stage.ts";

/**
 * Modules that run one after the other: torch.nn.Sequential. `seq[6]` reads or replaces one, `seq.get("6", nn.Linear)` also says
 * of which class it is.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 *
 * const classifier = new nn.Sequential(new nn.Dropout(0.2), new nn.Linear(1280, 1000));
 * classifier[1] = new nn.Linear(classifier.get("1", nn.Linear).inFeatures, 9);
 * console.log(classifier.length, [...classifier.stateDict().keys()]); // 2 [ "1.weight", "1.bias" ]
 * ```
 */
export class Sequential extends Module implements Iterable<Module> {
  [index: number]: Module;

  /**
   * @param modules in order, or one record that names them
   * @throws {TypeError} where one is no module, {RangeError} where a name cannot be
   */
  constructor(...modules: Module[] | [Record<string, Module>]) {
    super();
    const named = modules.length === 1 && modules[0] && !(modules[0] instanceof Module);
    for (const [name, module] of Object.entries(named ? modules[0] : modules)) addModule(this, name, module);
  }

  /** The number of modules. */
  get length(): number {
    return this.children().length;
  }

  /** The module at this position, from the end where it is negative. */
  at<M extends Module>(index: number, type?: ModuleClass<M>): M {
    const child = this.namedChildren().at(index);
    if (!child) throw new RangeError(`Cannot get module ${index}: expected one of ${this.length}`);
    return type ? this.get(child[0], type) : child[1] as M;
  }

  /** Puts a module at the end, under the next number. */
  append(module: Module): this {
    addModule(this, String(this.length), module);
    return this;
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.children()[Symbol.iterator]();
  }

  override stages(): Stage[] {
    return this.namedChildren().map(([name, child]) => ({
      name,
      modules: [name],
      forward: (x: tf.Tensor) => child.forward(x),
    }));
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return runStages(this.stages(), x);
  }
}
