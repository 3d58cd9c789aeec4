import { createHash } from "node:crypto";
import { join, relative, resolve } from "node:path";
import type { PlainExperiment } from "../trials/experiment.ts";
import { isWithin, mapPaths } from "./local_paths.ts";
import { moduleGraph } from "./module_graph.ts";
import { configFiles, type ThawHome, thawHome } from "./package_config.ts";
import { checkSize, collect, commonFolder, type Entry, zip } from "./package_files.ts";

/** All that an experiment's trials need on another machine, in a zip file. */
export interface ExperimentPackage {
  /** `_ray_pkg_….zip`, unlike that of any other content. */
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** What Deno is to run there: a path in the package, or a URL. */
  entry: string;
  /** The paths of the configuration and of the experiment in the package. */
  config: string;
  experiment: string;
}

/** Options of {@linkcode packExperiment}. */
export interface PackageOptions {
  /** Files and folders that go along besides. */
  files?: readonly string[];
  /** Folders that all machines find at the same path: what is in them stays where it is. */
  shared?: readonly string[];
  /** How many bytes it may have; 100 MiB, which is what Ray's dashboard takes. */
  limit?: number;
  /** Where thaw is. */
  home?: ThawHome;
}

const experimentFile = "experiment.json";

/**
 * Packs thaw's sources, the modules, checkpoint and pictures of this machine that an experiment names, and the experiment
 * itself with paths that hold in the package. All files keep their places relative to each other.
 *
 * @throws {Error} where files are missing, or all together are too big
 */
export async function packExperiment(
  experiment: PlainExperiment,
  { files = [], shared = [], limit = 100 * 1024 * 1024, home = thawHome() }: PackageOptions = {},
): Promise<ExperimentPackage> {
  const folders = shared.map((folder) => resolve(folder));
  const travels = (path: string) => !folders.some((folder) => isWithin(path, folder));
  const [modules, others] = [new Set<string>(), new Set(files.map((path) => resolve(path)))];
  mapPaths(experiment, (path, role) => {
    (role === "module" ? modules : others).add(path);
    return path;
  });
  const own = "folder" in home ? [join(home.folder, "lib"), join(home.folder, "mod.ts")] : [];
  const graph = await moduleGraph([...modules], (path) => own.some((one) => isWithin(path, one)));
  const found = new Map<string, number>();
  for (const path of [...graph.files, ...others].filter(travels)) await collect(path, found);
  for (const path of own) await collect(path, found);

  // Where thaw is published, its deno.json is for the user's modules, whatever folder they are in.
  const configFolder = "folder" in home ? home.folder : commonFolder([...found.keys(), join(Deno.cwd(), "deno.json")]);
  const base = commonFolder([...found.keys(), join(configFolder, "deno.json")]);
  const place = (path: string) => relative(base, path).replaceAll("\\", "/");
  const entries = new Map<string, Entry>([...found].map(([path, size]) => [place(path), { path, size }]));
  for (const [name, text] of await configFiles(home, configFolder, graph)) {
    entries.set(place(join(configFolder, name)), { text });
  }
  const moved = mapPaths(experiment, (path) => travels(path) ? `./${place(path)}` : path);
  entries.set(experimentFile, { text: JSON.stringify(moved) });

  checkSize(entries, limit);
  const bytes = await zip(entries);
  return {
    name: `_ray_pkg_${createHash("sha256").update(bytes).digest("hex").slice(0, 40)}.zip`,
    bytes,
    entry: "folder" in home ? place(join(home.folder, "lib", "study", "workers", "worker.ts")) : home.entry,
    config: place(join(configFolder, "deno.json")),
    experiment: experimentFile,
  };
}
