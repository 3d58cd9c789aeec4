import { join, resolve } from "node:path";
import { cacheDir } from "../../cache.ts";

/** What `deno task setup --gpu` writes beside a GPU build of TensorFlow, as `gpu.json`. */
export interface Manifest {
  /** The version of TensorFlow. */
  tensorflow: string;
  /** The major version of CUDA whose libraries it opens. */
  cuda: number;
  /** NVIDIA's libraries in the order in which they are to be opened, by path: absolute, or from the manifest's folder. */
  preload: string[];
}

const NAME = "gpu.json";

/** The folder in thaw's cache that a GPU build of TensorFlow is put into. */
export function gpuLibraryFolder(): string {
  return cacheDir("libtensorflow", "gpu");
}

/**
 * The manifest of a folder, its paths made absolute; undefined where the folder has none.
 *
 * @throws Error where it is no such manifest
 */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, NAME);
  const text = textOf(path);
  if (text === undefined) return undefined;
  const manifest = parse(text);
  if (!isManifest(manifest)) {
    throw new Error(
      `Cannot use ${path}: expected {"tensorflow": "2.21.0", "cuda": 12, "preload": [paths]}, found ` +
        `${text.slice(0, 80).trim() || "nothing"}; run \`deno task setup --gpu\` again`,
    );
  }
  return { ...manifest, preload: manifest.preload.map((path) => resolve(folder, path)) };
}

/** Writes a folder's manifest, all at once. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  const path = join(folder, NAME);
  await Deno.writeTextFile(`${path}.partial`, JSON.stringify(manifest, null, 2) + "\n");
  await Deno.rename(`${path}.partial`, path);
}

function textOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isManifest(value: unknown): value is Manifest {
  const { tensorflow, cuda, preload } = (value ?? {}) as Record<string, unknown>;
  return typeof tensorflow === "string" && typeof cuda === "number" && Array.isArray(preload) &&
    preload.every((path) => typeof path === "string");
}
