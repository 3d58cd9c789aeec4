import type * as tf from "@tensorflow/tfjs";
import { addModule } from "./add_module.ts";
import { checkOptions } from "./check_options.ts";
import { expectModule } from "./expect.ts";
import { Module, type ModuleClass } from "./module.ts";
import { indexOf, type Place, putIn, takeOut } from "./sequence.ts";
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

  /**
   * Puts a module at the end, under the next number.
   *
   * @param options its name, where the others have names
   * @throws {TypeError} where it is no module or a name is missing, {RangeError} where the name cannot be
   */
  append(module: Module, options: { name?: string } = {}): this {
    expectModule("append", module);
    checkOptions("append", options, ["name"]);
    putIn(this, this.length, module, options.name); // a number would come before the names, and run before them
    return this;
  }

  /**
   * Puts a module in another's place.
   *
   * @param place a name, or a number, from the end where it is negative
   * @throws {RangeError} where there is none, {TypeError} where it is no module
   */
  replace(place: Place, module: Module): this {
    const index = indexOf(this, "replace", place);
    expectModule("replace", module);
    (this as unknown as Record<string, Module>)[this.namedChildren()[index][0]] = module;
    return this;
  }

  /**
   * Takes a module out; those behind it are numbered anew where they have numbers, as by torch's `del`.
   *
   * @returns what was taken out
   * @throws {RangeError} where there is none
   *
   * @example
   * ```ts
   * import { nn } from "thaw";
   *
   * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.Dropout(0.5), new nn.Linear(8, 2));
   * net.remove(1);
   * console.log([...net.stateDict().keys()].join(" ")); // 0.weight 0.bias 1.weight 1.bias
   * ```
   */
  remove(place: Place): Module {
    return takeOut(this, indexOf(this, "remove", place));
  }

  /**
   * Puts a module in behind another; those behind it are numbered anew where they have numbers.
   *
   * @param options its name, where the others have names
   * @throws {RangeError} where there is no such place or the name cannot be, {TypeError} where it is no module
   *
   * @example
   * ```ts
   * import { nn } from "thaw";
   *
   * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.Linear(8, 2)).insertAfter(0, new nn.ReLU());
   * console.log(net.children().map((child) => child.constructor.name).join(" ")); // Linear ReLU Linear
   * ```
   */
  insertAfter(place: Place, module: Module, options: { name?: string } = {}): this {
    const index = indexOf(this, "insert after", place);
    expectModule("insert", module);
    checkOptions("insert", options, ["name"]);
    putIn(this, index + 1, module, options.name);
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
