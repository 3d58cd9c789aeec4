/**
 * Makes a pack at home on the machine where it was unpacked: finds NVIDIA's libraries there, in the packages that a torch
 * or jax brought, unless the pack has its own, and notes them beside its TensorFlow. It is started with the same options as
 * the measurements, of which `--python` matters.
 */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { gpuLibraryFolder, readManifest, writeManifest } from "../../../lib/engine/tensorflow/gpu/manifest.ts";
import { nvidiaLibraries, PRELOAD_ORDER } from "../../../lib/engine/tensorflow/gpu/nvidia.ts";
import { BUILDS } from "../../../tools/setup/gpu/builds.ts";
import { installedParts, type PackageFolder, packageFolders } from "../../../tools/setup/gpu/installed.ts";
import { exists } from "../../../tools/setup/process.ts";

/** NVIDIA's libraries of a version of CUDA that were found, and what is to be said of them. */
export interface Found {
  preload: string[];
  remarks: string[];
}

/**
 * NVIDIA's libraries in the folders of a Python, in the order in which they are to be opened. Set-up would take those alone
 * that a build is known to compute with; here nothing else can be had, so older ones are better than none.
 */
export function findNvidia(cuda: number, folders: readonly PackageFolder[]): Found {
  const build = BUILDS.find((build) => build.cuda === cuda);
  const fitting = build ? installedParts(build, folders).flatMap(({ files }) => files) : [];
  const all = [...fitting, ...folders.flatMap(({ folder }) => nvidiaLibraries(folder, cuda))];
  const files = Map.groupBy(all, (path) => basename(path).split(".")[0]);
  const preload = PRELOAD_ORDER.flatMap((stem) => files.get(stem)?.[0] ?? []);
  const missing = PRELOAD_ORDER.filter((stem) => !files.has(stem));
  const old = preload.filter((path) => !fitting.includes(path));
  const remarks = [];
  if (missing.length > 0) {
    remarks.push(
      `Of NVIDIA's libraries for CUDA ${cuda} there is no ${missing.join(", ")} in the Python's packages: TensorFlow ` +
        "looks where the system has its libraries",
    );
  }
  if (old.length > 0) {
    remarks.push(`Not known to be new enough for this TensorFlow, but taken: ${old.join(", ")}`);
  }
  return { preload, remarks };
}

if (import.meta.main) {
  const { values } = parseArgs({ args: Deno.args, strict: false, options: { python: { type: "string" } } });
  const folder = gpuLibraryFolder(), manifest = readManifest(folder);
  if (manifest && !(manifest.preload.length > 0 && (await Promise.all(manifest.preload.map(exists))).every(Boolean))) {
    const { preload, remarks } = findNvidia(manifest.cuda, await packageFolders(values.python as string | undefined));
    await writeManifest(folder, { ...manifest, preload });
    remarks.forEach((remark) => console.error(remark));
  }
}
