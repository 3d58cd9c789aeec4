import { basename, dirname, join } from "node:path";
import { readManifest, writeManifest } from "../../../lib/engine/tensorflow/gpu/manifest.ts";
import { lookAt } from "../../../lib/engine/tensorflow/library.ts";
import { megabytes } from "../../../tools/setup/progress.ts";
import { keepOneCard } from "./fatbin.ts";
import { copyFolder } from "./npm.ts";

/** Which library is packed, and how. */
export interface LibraryOptions {
  from: string;
  to: string;
  /** The compute capability without its point whose code alone is taken along. */
  architecture?: number;
  withNvidia: boolean;
}

/**
 * Copies a GPU build of TensorFlow, its manifest, and, where it is wanted, NVIDIA's libraries.
 *
 * @throws Error where the folder has no such build
 */
export async function packLibrary(
  { from, to, architecture, withNvidia }: LibraryOptions,
  tell: (line: string) => void,
): Promise<void> {
  const found = lookAt(from), manifest = readManifest(from);
  if (typeof found === "string" || !manifest) {
    throw new Error(
      `Cannot pack: expected a GPU build of TensorFlow with its gpu.json, found that ` +
        `${typeof found === "string" ? found : `there is no gpu.json in ${from}`}. ` +
        "`deno task setup --gpu=cuda12` or `--gpu=cuda13` makes one, also where there is no card; --library names its folder",
    );
  }
  await Deno.mkdir(to, { recursive: true });
  for (const path of [found.main, found.framework!]) {
    await copyLibrary(path, join(to, basename(path)), architecture, tell);
  }
  const preload = withNvidia ? await copyNvidia(manifest.preload, to, tell) : [];
  await writeManifest(to, { ...manifest, preload });
}

async function copyLibrary(
  from: string,
  to: string,
  architecture: number | undefined,
  tell: (line: string) => void,
): Promise<void> {
  const library = await Deno.readFile(from);
  if (architecture === undefined) tell(`${basename(from)}: ${megabytes(library.length)}`);
  else {
    const { kept, blanked } = keepOneCard(library, architecture);
    tell(`${basename(from)}: code for cards: ${megabytes(kept)} kept, ${megabytes(blanked)} left out`);
  }
  await Deno.writeFile(to, library, { mode: 0o755 });
  // Names that only a debugger reads; where there is no strip they stay.
  await new Deno.Command("strip", { args: ["--strip-unneeded", to] }).output().catch(() => {});
}

/** Copies the folders that NVIDIA's libraries are in: some have parts beside them, which they open by themselves. */
async function copyNvidia(preload: readonly string[], to: string, tell: (line: string) => void): Promise<string[]> {
  const places: string[] = [];
  const folders = [...new Set(preload.map((path) => dirname(path)))];
  for (const [i, folder] of folders.entries()) {
    const packed = join("nvidia", String(i), "lib");
    tell(`NVIDIA's libraries in ${folder}`);
    await copyFolder(folder, join(to, packed), (path) => /\.so(\.[\d.]+)?$/.test(path));
    for (const path of preload) if (dirname(path) === folder) places.push(join(packed, basename(path)));
  }
  return preload.map((path) => places.find((place) => basename(place) === basename(path))!);
}
