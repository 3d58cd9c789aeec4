import { describeValue } from "./describe_value.ts";
import { expectStateDict } from "./expect_state_dict.ts";
import { writeSafetensors } from "./safetensors.ts";
import type { StateDict } from "./state_dict.ts";
import { writeTorchZip } from "./write_torch_zip.ts";

/**
 * Saves a state dict: as safetensors where the path ends with `.safetensors`, else as `torch.save` does, so that
 * `torch.load(path, weights_only=True)` gives an OrderedDict of the same tensors, bit for bit. The same state dict always gives
 * the same bytes. Names that share an entry share its storage in torch's format; in safetensors each has a copy.
 *
 * Tensors are written one at a time, to a file beside `path` that takes its name once it is whole: a file that was there stays as
 * it is until then. Texts among the metadata go into a safetensors file; torch's format has no place for them.
 *
 * @throws {TypeError} where it is no state dict, or a tensor's data does not fit its shape and dtype
 *
 * @example
 * ```ts
 * import { save, StateDict } from "thaw";
 *
 * const head = StateDict.from({ "fc.weight": { shape: [1, 2], data: [0.5, -0.5] }, "fc.bias": { shape: [1], data: [0] } });
 * const folder = await Deno.makeTempDir();
 * await save(head, `${folder}/head.pth`);
 * await save(head, `${folder}/head.safetensors`);
 * ```
 */
export async function save(stateDict: StateDict, path: string): Promise<void> {
  expectStateDict("save", stateDict, "save(model.stateDict(), path)");
  const write = isSafetensorsName(path) ? writeSafetensors : writeTorchZip;
  await writeFile(path, (sink) => write(stateDict, sink));
}

/** Whether a path asks for safetensors. */
function isSafetensorsName(path: unknown): boolean {
  return typeof path === "string" && /\.safetensors$/i.test(path);
}

/**
 * Writes a file in pieces: beside its place, and it takes its name once it is whole and on the disk.
 *
 * @throws {Error} where it cannot be written; what was there is left as it was
 */
export async function writeFile(
  path: string,
  write: (sink: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  if (typeof path !== "string") throw new TypeError(`Cannot save: expected a path, found ${describeValue(path)}`);
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  let file: Deno.FsFile;
  try {
    file = await Deno.open(temporary, { write: true, createNew: true });
  } catch (error) {
    throw new Error(`Cannot save "${path}": ${(error as Error).message}`, { cause: error });
  }
  try {
    await write(async (bytes) => {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    });
    await file.syncData(); // or a crash might leave the new name on an empty file
    file.close();
    await Deno.rename(temporary, path);
  } catch (error) {
    try {
      file.close();
    } catch { /* closed before the rename failed */ }
    await Deno.remove(temporary);
    throw new Error(`Cannot save "${path}": ${(error as Error).message}`, { cause: error });
  }
}
