import { join, relative } from "node:path";
import { exists } from "../../../tools/setup/process.ts";

/** What `deno info --json` tells of a program. */
interface Info {
  modules: { kind?: string; npmPackage?: string; local?: string }[];
  npmPackages: Record<string, NpmPackage>;
}

interface NpmPackage {
  name: string;
  version: string;
  dependencies: string[];
  registryUrl: string;
  localPath: string;
}

/** What runs no program: maps and types of its source, tests, and bundles for pages that load it by a `<script>`. */
const SUPERFLUOUS = /\.(map|[cm]?ts|tsx|tsbuildinfo|md|html|flow)$|_test\.js$|\.(fesm|es2017)(\.min)?\.js$|\.min\.js$/;
/** …but for those that are loaded under such a name. */
const NEEDED = /plotly|LICEN[CS]E/i;
/** Of packages for a C library that this system does not have, Deno asks that they are there, no more. */
const FOREIGN = /linuxmusl/;

/** npm packages that were copied. */
export interface Copied {
  names: Set<string>;
  /** The address of the registry that they are filed under. */
  registry: string;
}

/**
 * Copies the npm packages that programs load from Deno's cache to another folder that Deno can have as its cache, without
 * what runs no program.
 *
 * @param programs paths of their main modules
 * @param config the path of their deno.json
 */
export async function copyNpmPackages(programs: readonly string[], config: string, denoDir: string): Promise<Copied> {
  const packages = new Map<string, NpmPackage>();
  for (const program of programs) {
    const info = await inspect(program, config);
    const take = (key: string) => {
      if (packages.has(key)) return;
      packages.set(key, info.npmPackages[key]);
      info.npmPackages[key].dependencies.forEach(take);
    };
    info.modules.forEach(({ npmPackage }) => npmPackage && take(npmPackage));
  }
  const registries = new Set<string>();
  for (const { name, version, localPath, registryUrl } of packages.values()) {
    if (!await exists(localPath)) continue; // for another platform, and never fetched
    registries.add(registryUrl);
    const registry = localPath.slice(0, -join(name, version).length);
    const target = join(denoDir, "npm", registry.split("/").at(-2)!, name);
    await copyFolder(localPath, join(target, version), (path) => {
      if (FOREIGN.test(name)) return path === "package.json";
      return !SUPERFLUOUS.test(path) || NEEDED.test(path);
    });
    await Deno.copyFile(join(registry, name, "registry.json"), join(target, "registry.json"));
  }
  if (registries.size !== 1) {
    throw new Error(`Cannot pack npm packages: expected them from one registry, found ${[...registries].join(", ")}`);
  }
  return { names: new Set([...packages.values()].map(({ name }) => name)), registry: [...registries][0] };
}

async function inspect(program: string, config: string): Promise<Info> {
  const args = ["info", "--json", "--config", config, program];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (success) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(`Cannot pack ${program}: deno info failed:\n${new TextDecoder().decode(stderr).trim()}`);
}

/** Copies a folder with all below it that `wanted` says; links are followed. */
export async function copyFolder(
  from: string,
  to: string,
  wanted: (path: string) => boolean = () => true,
): Promise<void> {
  const copy = async (folder: string) => {
    await Deno.mkdir(join(to, relative(from, folder)), { recursive: true });
    for await (const { name } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if ((await Deno.stat(path)).isDirectory) await copy(path);
      else if (wanted(relative(from, path))) await Deno.copyFile(path, join(to, relative(from, path)));
    }
  };
  await copy(from);
}
