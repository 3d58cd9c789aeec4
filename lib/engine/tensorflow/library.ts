import { fileURLToPath } from "node:url";
import { basename, dirname, join, resolve } from "node:path";
import { cacheDir } from "../cache.ts";
import { libraryNames } from "./names.ts";
import { pythonTensorflow } from "./python.ts";

/** TensorFlow's C library where it was found. */
export interface Library {
  /** Which of the places it was found in. */
  place: string;
  /** The file with the C API. */
  main: string;
  /** The file that must be opened before it. */
  framework?: string;
}

/** A place that was looked at, and why nothing was taken there. */
export interface Miss {
  place: string;
  reason: string;
}

/** How a search ended: with a library, and with the places before it that had none. */
export interface LibrarySearch {
  library?: Library;
  misses: Miss[];
}

/** The folder in thaw's cache that `deno task setup` puts libtensorflow into. */
export function libraryFolder(): string {
  return cacheDir("libtensorflow", "2.21.0-cpu");
}

/**
 * Looks for TensorFlow's C library: where `THAW_LIBTENSORFLOW` says (a folder, or the file itself), in thaw's cache,
 * beside `@tensorflow/tfjs-node-gpu` where its install script ran, and in the TensorFlow of the `python3` on the PATH.
 *
 * @example
 * ```ts
 * import { findLibrary } from "./library.ts";
 *
 * const { library, misses } = await findLibrary();
 * console.log(library?.main, misses);
 * ```
 */
export async function findLibrary(): Promise<LibrarySearch> {
  const misses: Miss[] = [];
  for (const [place, look] of PLACES) {
    const found = await look();
    if (typeof found !== "string") return { library: { place, ...found }, misses };
    misses.push({ place, reason: found });
  }
  return { misses };
}

/** The reason of a place that an environment variable names, when there is none. */
export const NOT_SET = "not set";

type Found = Omit<Library, "place">;

/** The places by name, in the order in which they are looked at; each gives the library or says why it has none. */
const PLACES: [string, () => Found | string | Promise<Found | string>][] = [
  ["THAW_LIBTENSORFLOW", () => {
    const path = Deno.env.get("THAW_LIBTENSORFLOW");
    return path ? lookAt(resolve(path)) : NOT_SET;
  }],
  ["thaw's cache", () => lookAt(libraryFolder())],
  ["tfjs-node-gpu", () => {
    const folder = tfjsNodeFolder();
    return folder ? lookAt(join(folder, "deps", "lib")) : "the package is not in a folder here";
  }],
  ["python3", async () => {
    const { folder, reason } = await pythonTensorflow();
    return folder === undefined ? reason : lookAt(folder);
  }],
];

/** What a path has: the library, or the reason why it cannot be had there. */
export function lookAt(path: string): Found | string {
  const { main: names, framework } = libraryNames();
  const stat = statOf(path);
  if (!stat) return `there is no ${path}`;
  const folder = stat.isFile ? dirname(path) : path;
  const main = stat.isFile ? basename(path) : names.find((name) => statOf(join(folder, name))?.isFile);
  if (main === undefined) return `there is no ${names.join(" or ")} in ${folder}`;
  if (framework === undefined) return { main: join(folder, main) };
  if (!statOf(join(folder, framework))?.isFile) return `there is no ${framework} beside ${join(folder, main)}`;
  return { main: join(folder, main), framework: join(folder, framework) };
}

/** Where `@tensorflow/tfjs-node-gpu` is on this disk. Its install script, where it ran, put a library below it. */
function tfjsNodeFolder(): string | undefined {
  try {
    const manifest = import.meta.resolve("@tensorflow/tfjs-node-gpu/package.json");
    return manifest.startsWith("file:") ? dirname(fileURLToPath(manifest)) : undefined;
  } catch {
    return undefined; // a program that has thaw within it may know no such name
  }
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}
