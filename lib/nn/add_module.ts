import { Module } from "./module.ts";

/**
 * Puts a submodule into a container under a name.
 *
 * @throws {TypeError} where it is no module, {RangeError} where the container cannot call it so
 */
export function addModule(container: Module, name: string, module: Module): void {
  const type = container.constructor.name;
  if (!(module instanceof Module)) {
    throw new TypeError(`Cannot make ${type}: expected a module as ${name}, found ${module}`);
  }
  if (name in container) throw new RangeError(`Cannot name a submodule "${name}": ${type} has such a member`);
  if (name === "" || name.includes(".")) {
    throw new RangeError(`Cannot name a submodule "${name}": expected a name without dots`);
  }
  Object.assign(container, { [name]: module });
}
