import { createHash } from "node:crypto";
import { join } from "node:path";

/** A file of a pack. */
export interface Part {
  name: string;
  bytes: number;
  sha256: string;
}

/** What sizes may end in. */
const UNITS: Record<string, number> = { kB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** The bytes of a size such as `60MB`. @throws TypeError where it is none */
export function parseSize(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
  const bytes = Math.floor(Number(number) * (UNITS[unit] ?? NaN));
  if (bytes > 0) return bytes;
  throw new TypeError(`Cannot pack: expected --pack to be a size such as 60MB, found "${text}"`);
}

/**
 * Writes a stream to files of one size, numbered from 000; the last may be smaller.
 *
 * @param name what their names begin with
 * @param size of one, in bytes
 */
export async function writeParts(
  stream: ReadableStream<Uint8Array>,
  folder: string,
  name: string,
  size: number,
): Promise<Part[]> {
  const parts: Part[] = [];
  let file: Deno.FsFile | undefined, hash = createHash("sha256"), bytes = 0;
  const finish = () => {
    file?.close();
    if (file) parts.push({ name: nameOf(parts.length), bytes, sha256: hash.digest("hex") });
    [file, hash, bytes] = [undefined, createHash("sha256"), 0];
  };
  const nameOf = (number: number) => `${name}.${String(number).padStart(3, "0")}`;
  for await (let chunk of stream) {
    while (chunk.length > 0) {
      file ??= await Deno.create(join(folder, nameOf(parts.length)));
      const fitting = chunk.subarray(0, size - bytes);
      await writeAll(file, fitting);
      hash.update(fitting);
      bytes += fitting.length;
      chunk = chunk.subarray(fitting.length);
      if (bytes === size) finish();
    }
  }
  finish();
  return parts;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}
