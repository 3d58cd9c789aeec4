import { toFileUrl } from "./paths.ts";
import type { Json } from "./trial.ts";

/** An export of a module, by the module's URL or path: a value, or a function that makes it of `options`. */
export interface ModuleSource {
  /** A URL, or a path. */
  module: string;
  /** The export's name; `default` unless given. */
  export?: string;
  /** What the function is called with; plain data. */
  options?: { readonly [name: string]: Json };
}

/**
 * What an export is, or, where it is a function, what it makes of the source's options.
 *
 * @throws {TypeError} where the module has no such export
 */
export async function callExport({ module, export: name = "default", options }: ModuleSource): Promise<unknown> {
  const exports = await import(toFileUrl(module));
  if (!(name in exports)) {
    throw new TypeError(
      `Cannot use the module "${module}": expected an export "${name}", found ${
        Object.keys(exports).join(", ") || "none"
      }`,
    );
  }
  return typeof exports[name] === "function" ? await exports[name](options) : exports[name];
}
