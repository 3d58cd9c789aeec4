import type { Module, ModuleClass } from "./module.ts";

const types = new Map<string, ModuleClass<Module>>();
const names = new Map<ModuleClass<Module>, string>();

/**
 * Says what classes are called in Python, by which a network that was saved whole names them. Each family of networks says it of
 * its own.
 *
 * @param module the Python module, `torchvision.models.resnet`
 * @param classes by their names there
 *
 * @example
 * ```ts
 * import { models, nn } from "thaw";
 *
 * console.log(nn.pythonName(models.ResNet)); // torchvision.models.resnet.ResNet
 * ```
 */
export function nameClasses(module: string, classes: Readonly<Record<string, ModuleClass<Module>>>): void {
  for (const [name, type] of Object.entries(classes)) {
    types.set(`${module}.${name}`, type);
    names.set(type, `${module}.${name}`);
  }
}

/** What a class of modules is called in Python, in full; undefined where that is not known. */
export function pythonName(type: ModuleClass<Module>): string | undefined {
  return names.get(type);
}

/** The class of this full name in Python. */
export function classNamed(name: string): ModuleClass<Module> | undefined {
  return types.get(name);
}
