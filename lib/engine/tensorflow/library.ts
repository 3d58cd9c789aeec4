import { fileURLToPath } from "node:url";
import { basename, dirname, join, resolve } from "node:path";
import { cacheDir } from "../cache.ts";
import { askDriver, type Driver } from "./gpu/driver.ts";
import { gpuLibraryFolder, readManifest } from "./gpu/manifest.ts";
import { nvidiaLibraries } from "./gpu/nvidia.ts";
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
  /** NVIDIA's libraries that must be opened before both, in this order. */
  preload?: string[];
}

/** A place that was looked at, and why nothing was taken there. */
export interface Miss {
  place: string;
  reason: string;
  /** True where a library is there that cannot be used. */
  unusable?: true;
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

/** A place that was looked at: the library that is there, or why there is none. */
export type Sighting = { place: string; library: Library } | Miss;

/**
 * Looks for TensorFlow's C library: where `THAW_LIBTENSORFLOW` says (a folder, or the file itself), in thaw's cache (its
 * GPU build where there is a card, else its CPU build), beside `@tensorflow/tfjs-node-gpu` where its install script ran, and
 * in the TensorFlow of the `python3` on the PATH.
 *
 * @param driver NVIDIA's, or why there is none
 * @returns the places one after the other, as far as somebody asks: a library may turn out to be of no use
 */
export async function* lookAround(driver: Driver | string = askDriver()): AsyncGenerator<Sighting> {
  for (const [place, look] of PLACES) {
    try {
      const found = await look(driver);
      const gone = typeof driver === "string" ? undefined : whatIsGone(found);
      if (gone !== undefined) yield { place, reason: gone, unusable: true };
      else if (typeof found === "string") yield { place, reason: found };
      else if (found) yield { place, library: { place, ...found } };
    } catch (error) {
      yield { place, reason: (error as Error).message, unusable: true };
    }
  }
}

/**
 * The first place that has TensorFlow's C library; see {@linkcode lookAround}.
 *
 * @example
 * ```ts
 * import { findLibrary } from "./library.ts";
 *
 * const { library, misses } = await findLibrary();
 * console.log(library?.main, misses);
 * ```
 */
export async function findLibrary(driver?: Driver | string): Promise<LibrarySearch> {
  const misses: Miss[] = [];
  for await (const sighting of lookAround(driver)) {
    if ("library" in sighting) return { library: sighting.library, misses };
    misses.push(sighting);
  }
  return { misses };
}

/** The reason of a place that an environment variable names, when there is none. */
const NOT_SET = "not set";

/** Whether somebody would want to know of a miss: a place that they named, or a library that is there and of no use. */
export function isNews({ place, reason, unusable }: Miss): boolean {
  return unusable ?? (place === "THAW_LIBTENSORFLOW" && reason !== NOT_SET);
}

type Found = Omit<Library, "place">;

/** Which of NVIDIA's libraries a build was set up with and cannot be opened any more: a torch's, that was updated or removed. */
function whatIsGone(found: Found | string | undefined): string | undefined {
  const path = typeof found === "object" ? found.preload?.find((path) => !statOf(path)) : undefined;
  return path && `there is no ${path} any more, which it was set up with; run \`deno task setup --gpu\` again`;
}

/** Looks at a place: gives the library, says why it has none, or passes it over. */
type Look = (driver: Driver | string) => Found | string | undefined | Promise<Found | string>;

/** The places by name, in the order in which they are looked at. */
const PLACES: [string, Look][] = [
  ["THAW_LIBTENSORFLOW", () => {
    const path = Deno.env.get("THAW_LIBTENSORFLOW");
    return path ? lookAt(resolve(path)) : NOT_SET;
  }],
  ["thaw's cache (GPU)", (driver) => {
    const folder = gpuLibraryFolder();
    if (typeof driver !== "string" || !statOf(folder)) return lookAt(folder);
    return driver;
  }],
  ["thaw's cache", () => lookAt(libraryFolder())],
  // It computes without a card, too.
  ["thaw's cache (GPU)", (driver) => {
    const folder = gpuLibraryFolder();
    return typeof driver === "string" && statOf(folder) ? lookAt(folder) : undefined;
  }],
  ["tfjs-node-gpu", () => {
    const folder = tfjsNodeFolder();
    return folder ? lookAt(join(folder, "deps", "lib")) : "the package is not in a folder here";
  }],
  ["python3", async (driver) => {
    const { folder, reason } = await pythonTensorflow();
    if (folder === undefined) return reason;
    const found = lookAt(folder);
    return typeof found === "string" || typeof driver === "string" ? found : { ...withPackages(folder), ...found };
  }],
];

/** NVIDIA's libraries in the packages beside a Python's TensorFlow. */
function withPackages(tensorflow: string): Pick<Library, "preload"> {
  const found = [12, 13].map((cuda) => nvidiaLibraries(dirname(tensorflow), cuda)); // in TensorFlow's own order
  // cuDNN has the same name for either; which of them is installed, CUDA's runtime tells.
  const preload = found.find((paths) => basename(paths[0] ?? "").startsWith("libcudart.")) ??
    found.find((paths) => paths.length > 0);
  return { ...preload && { preload } };
}

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
  const { preload } = readManifest(folder) ?? {};
  return { main: join(folder, main), framework: join(folder, framework), ...preload && { preload } };
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
