import { stateDictOf } from "./checkpoint.ts";
import { download, type DownloadOptions } from "./download.ts";
import { readSafetensors } from "./safetensors.ts";
import { describeZip, sniff } from "./sniff.ts";
import { isModule, type SavedModule, savedModule } from "./saved_module.ts";
import { bytesSource, fileSource, type Source } from "./source.ts";
import type { StateDict } from "./state_dict.ts";
import type { TorchFile } from "./storage.ts";
import { readTorchLegacy } from "./torch_legacy.ts";
import { readTorchZip, torchFolder } from "./torch_zip.ts";
import { readZipDirectory } from "./zip.ts";

/** How to load a checkpoint. */
export interface LoadOptions extends DownloadOptions {
  /** Where the state dict is, dotted, in a file that has several: `"model_ema"`; `""` is the file's outermost dict. */
  key?: string;
}

/**
 * Loads a state dict from a checkpoint of `torch.save` (`.pth`, `.pt`, `.pkl`, `.bin`; the zip format and the old one) or from a
 * `.safetensors` file; the file's first bytes tell which it is.
 *
 * Nothing in the file is executed. The file stays open and each tensor is read when its `data()` is called, so that opening
 * a checkpoint of any size takes milliseconds. A state dict wrapped as `{"state_dict": …}` is found; what else the file
 * has goes to `metadata`.
 *
 * @param source a path, an address (`http:`, `https:`, `file:`; kept in the cache), or the file's bytes (not to be changed)
 * @throws {Deno.errors.NotFound} where there is no such file
 * @throws {Error} where it is not a whole checkpoint, or asks for a name of Python's that state dicts do not need
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
export async function load(
  source: string | URL | Uint8Array | ArrayBuffer,
  options: LoadOptions = {},
): Promise<StateDict> {
  return await loadFile(source, options, (_module, state) => state);
}

/**
 * Loads a file.
 *
 * @param whole what becomes of a network that was saved whole, given its state dict
 */
export async function loadFile<Whole>(
  source: string | URL | Uint8Array | ArrayBuffer,
  options: LoadOptions,
  whole: (module: SavedModule, state: StateDict) => Whole,
): Promise<StateDict | Whole> {
  if (source instanceof ArrayBuffer) source = new Uint8Array(source);
  const readWhole = (file: TorchFile, key: string | undefined) => {
    const state = stateDictOf(file, key);
    const object = key ? undefined : file.value;
    return isModule(object) ? whole(savedModule(object), state) : state;
  };
  if (source instanceof Uint8Array) {
    return read(() => bytesSource(source, "the bytes"), "the bytes", options.key, readWhole);
  }
  const address = String(source);
  const path = /^https?:/i.test(address) ? await download(address, options) : pathOf(address);
  return read(() => fileSource(path), path, options.key, readWhole);
}

function pathOf(address: string): string {
  if (!/^file:/i.test(address)) return address;
  const { pathname } = new URL(address);
  return decodeURIComponent(Deno.build.os === "windows" ? pathname.slice(1) : pathname);
}

type ReadTorch<Result> = (file: TorchFile, key: string | undefined) => Result;

function read<Result>(
  open: () => Source,
  name: string,
  key: string | undefined,
  readTorch: ReadTorch<Result>,
): Result | StateDict {
  let source: Source | undefined;
  try {
    source = open();
    return readAny(source, key, readTorch);
  } catch (error) {
    source?.close();
    if (error instanceof Deno.errors.NotFound) {
      throw new Deno.errors.NotFound(`Cannot load "${name}": expected a file there, found none`);
    }
    const quoted = source && name === source.name && name === "the bytes" ? name : `"${name}"`;
    throw new Error(`Cannot load ${quoted}: ${(error as Error).message}`, { cause: error });
  }
}

function readAny<Result>(source: Source, key: string | undefined, readTorch: ReadTorch<Result>): Result | StateDict {
  const format = sniff(source);
  switch (format.kind) {
    case "other":
      throw new TypeError(format.sentence);
    case "safetensors":
      if (key) throw new TypeError(`expected no key, since safetensors files have one state dict, found "${key}"`);
      return readSafetensors(source);
    case "legacy":
      return readTorch(readTorchLegacy(source), key);
    case "zip": {
      const directory = readZipDirectory(source);
      const folder = torchFolder(directory);
      if (folder === undefined) throw new TypeError(describeZip([...directory.keys()]));
      return readTorch(readTorchZip(source, directory, folder), key);
    }
  }
}
