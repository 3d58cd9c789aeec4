import { describeValue } from "../weights/describe_value.ts";
import { allowClass } from "../weights/globals.ts";
import { classNamed, Module, type ModuleClass, nameClasses, pythonName } from "../nn/mod.ts";

const own = new Set<string>();
const fullName = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)+$/u;

/**
 * Says which class here a Python class is, so that networks of it that were saved whole can be loaded: its own parts, parameters
 * and plain attributes are put under the same names, and its constructor is not run.
 *
 * A network of a class of one's own that is to be saved whole needs this too, in the process that loads it: its methods are
 * nowhere in the file. What only a constructor can make is not there either: private fields (`#size`; write `private size`),
 * functions, Maps. Where a class extends a layer, that layer's constructor is run, and not its own.
 *
 * @param name its full name in Python, `my_networks.LeNet`; of a class of a notebook or script `__main__.LeNet`
 * @throws {TypeError} where it is no class of modules, {RangeError} where the name is another class's
 *
 * @example
 * ```ts
 * import { nn, registerClass } from "thaw";
 * import type * as tf from "@tensorflow/tfjs";
 *
 * class LeNet extends nn.Module {
 *   fc = new nn.Linear(4, 2);
 *   override forward(x: tf.Tensor): tf.Tensor {
 *     return this.fc.forward(x);
 *   }
 * }
 * registerClass("my_networks.LeNet", LeNet);
 * ```
 */
export function registerClass(name: string, type: ModuleClass<Module>): void {
  if (typeof name !== "string" || !fullName.test(name)) {
    const found = typeof name === "string" ? JSON.stringify(name) : describeValue(name);
    throw new TypeError(
      `Cannot register a class: expected its full name in Python such as "my_networks.LeNet", found ${found}`,
    );
  }
  if (typeof type !== "function" || !(type.prototype instanceof Module)) {
    throw new TypeError(
      `Cannot register "${name}": expected a class that extends nn.Module, found ${describeValue(type)}`,
    );
  }
  const known = classNamed(name);
  if (known && !own.has(name)) throw new RangeError(`Cannot register "${name}": it is ${known.name} already`);
  const dot = name.lastIndexOf(".");
  nameClasses(name.slice(0, dot), { [name.slice(dot + 1)]: type }); // anew where a notebook's cell is run again
  allowClass(name);
  own.add(name);
}

/** Whether this is the name of a class that was registered, and not one of torch's. */
export function allowed(name: string): boolean {
  return own.has(name);
}

/**
 * What a class is called in Python; one that has no name there gets that of a script's own.
 *
 * @throws {TypeError} where it has no name that Python could call it by
 */
export function nameToSave(type: ModuleClass<Module>): string {
  const known = pythonName(type);
  if (known) return known;
  const name = `__main__.${type.name}`;
  if (!fullName.test(name)) {
    throw new TypeError(
      `expected its classes to have names that Python can have, found ${
        type.name ? `"${type.name}"` : "one without"
      }; ` +
        'registerClass("my_networks.Net", TheClass) gives it one',
    );
  }
  registerClass(name, type);
  return name;
}
