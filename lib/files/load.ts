import { checkOptions } from "../nn/check_options.ts";
import { describeValue, type Module } from "../nn/mod.ts";
import { loadFile, type LoadOptions as LoadStateDictOptions } from "../weights/load.ts";
import type { StateDict } from "../weights/state_dict.ts";
import { rebuild } from "./rebuild.ts";
import "./torch_classes.ts";

/** How to load a file. */
export interface LoadOptions extends LoadStateDictOptions {
  /**
   * `"stateDict"` gives the state dict alone of a network that was saved whole. Classes of torch's, torchvision's, timm's and of a
   * script's own (`__main__`) need not exist here for that; others are registered first: {@linkcode registerClass}.
   */
  as?: "stateDict";
}

const known = [
  "as",
  "key",
  "sha256Prefix",
  "bytes",
  "to",
  "onProgress",
  "signal",
  "retries",
  "retryDelay",
  "stallTimeout",
] as const;

/**
 * Loads what `save`, `torch.save` or safetensors wrote: a state dict, or a network that was saved whole; the file's first bytes tell
 * which format it has (`.pth`, `.pt`, `.pkl`, `.bin`, new and old, `.safetensors`).
 *
 * Nothing in the file is executed. A state dict's file stays open and each tensor is read when its `data()` is called, so that opening
 * a file of any size takes milliseconds; one that is wrapped as `{"state_dict": …}` is found, and what else the file has goes to
 * `metadata`. A network of torchvision's or torch.nn's classes, or of those that {@linkcode registerClass} names, is put together
 * from its parts.
 *
 * @param source a path, an address (`http:`, `https:`, `file:`; kept in the cache), or the file's bytes (not to be changed)
 * @throws {Deno.errors.NotFound} where there is no such file
 * @throws {Error} where it is not a whole file of these formats, or has something of Python's in it that networks do not need
 *
 * @example
 * ```ts
 * import { load, save, StateDict } from "thaw";
 *
 * const path = `${await Deno.makeTempDir()}/weights.pth`;
 * await save(StateDict.from({ "fc.bias": { shape: [2], data: [0.5, -0.5] } }), path);
 * const sd = await load(path);
 * console.log(await sd.get("fc.bias")!.data()); // Float32Array [ 0.5, -0.5 ]
 * ```
 */
export async function load<Loaded extends StateDict | Module = StateDict>(
  source: string | URL | Uint8Array | ArrayBuffer,
  options: LoadOptions = {},
): Promise<Loaded> {
  if (!(typeof source === "string" || [URL, Uint8Array, ArrayBuffer].some((type) => source instanceof type))) {
    throw new TypeError(`Cannot load: expected a path, an address or a file's bytes, found ${describeValue(source)}`);
  }
  checkOptions("load", options, known);
  const { as, ...others } = options;
  if (as !== undefined && as !== "stateDict") {
    throw new TypeError(`Cannot load: expected as "stateDict" or nothing, found ${JSON.stringify(as)}`);
  }
  const loaded = await loadFile(source, others, (module, state) => as ? state : rebuild(module, state));
  return loaded as Loaded;
}
