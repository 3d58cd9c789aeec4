import { dirname, join } from "node:path";
import { ZipWriter } from "../../weights/zip_writer.ts";
import { isWithin } from "./local_paths.ts";

/** A file of a package: one of this machine, or a text. */
export type Entry = { path: string; size: number } | { text: string };

const MIB = 1024 * 1024;
const header = 300; // what a zip file has for each of its files, at most, beside its name twice
const skipped = [".git", "node_modules"];

/**
 * Adds the files at and below a path, with their sizes; links are followed.
 *
 * @throws {Deno.errors.NotFound} where there is none
 */
export async function collect(path: string, found: Map<string, number>): Promise<void> {
  const info = await Deno.stat(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(`Cannot take "${path}" along: expected a file or a folder, found none`);
  });
  if (!info.isDirectory) return void found.set(path, info.size);
  for await (const { name } of Deno.readDir(path)) {
    if (!skipped.includes(name)) await collect(join(path, name), found);
  }
}

/** The deepest folder that all these paths are in. */
export function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]);
  while (!paths.every((path) => isWithin(path, folder))) {
    if (folder === dirname(folder)) throw new Error(`Cannot take ${paths[0]} along: expected all files on one drive`);
    folder = dirname(folder);
  }
  return folder;
}

/** @throws {RangeError} where the files come to more than `limit` bytes, naming the largest */
export function checkSize(entries: ReadonlyMap<string, Entry>, limit: number): void {
  const sizes = [...entries].map(([name, entry]) => ({
    name,
    size: "size" in entry ? entry.size : 2 * entry.text.length,
  }));
  const total = sizes.reduce((sum, { name, size }) => sum + size + header + 4 * name.length, 0);
  if (total <= limit) return;
  const folders = Map.groupBy(sizes, ({ name }) => dirname(name));
  const parts = [...folders].map(([folder, files]) => ({
    what: files.length === 1 ? files[0].name : `${folder}/ with ${files.length} files`,
    size: files.reduce((sum, { size }) => sum + size, 0),
  }));
  const largest = parts.sort((a, b) => b.size - a.size).slice(0, 3);
  throw new RangeError(
    `Cannot take the trials' files along: expected at most ${inMiB(limit)}, which is what Ray takes, found ` +
      `${inMiB(total)}, most of it ${
        largest.map(({ what, size }) => `${what} (${inMiB(size)})`).join(", ")
      }; put what ` +
      'is big where all nodes find it at the same path and name that folder in ray(…, { shared: ["/data"] }), or give a ' +
      "checkpoint as an http(s) URL",
  );
}

/** The files as a zip file, in the order of their names. */
export async function zip(entries: ReadonlyMap<string, Entry>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const writer = new ZipWriter((bytes) => Promise.resolve(void parts.push(bytes.slice())));
  for (const [name, entry] of [...entries].sort(([a], [b]) => a < b ? -1 : 1)) {
    await writer.add(name, "path" in entry ? await Deno.readFile(entry.path) : new TextEncoder().encode(entry.text));
  }
  await writer.finish();
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function inMiB(bytes: number): string {
  return `${(bytes / MIB).toFixed(bytes < 10 * MIB ? 1 : 0)} MiB`;
}
