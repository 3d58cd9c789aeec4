import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ModuleGraph } from "./module_graph.ts";

/** Where thaw's own modules are. */
export type ThawHome =
  /** A folder of this machine, with `deno.json` and `lib/`. */
  | { folder: string }
  /** A published package, as `jsr:` names it, with the URL of the worker's module. */
  | { published: string; entry: string };

/** Where this thaw is, from the URL of one of its modules. */
export function thawHome(url: string = import.meta.url): ThawHome {
  const root = new URL("../../../", url);
  if (root.protocol === "file:") return { folder: fileURLToPath(root).replace(/[/\\]$/, "") };
  const [, name, version] = /^https?:\/\/[^/]+\/(@[^/]+\/[^/]+)\/([^/]+)\//.exec(root.href) ?? [];
  if (name) return { published: `jsr:${name}@${version}`, entry: new URL("./worker.ts", url).href };
  throw new Error(`Cannot take thaw along: expected a folder of this machine or a package of JSR, found it at ${root}`);
}

/**
 * The configuration for a user's modules beside thaw's sources, or beside a thaw that is published: what the two import, and
 * nothing of what is for tests.
 *
 * @param folder where it is to be; imports of files are relative to it
 * @returns the files' names and texts
 */
export async function configFiles(home: ThawHome, folder: string, graph: ModuleGraph): Promise<[string, string][]> {
  const others = othersImports(graph, folder);
  if ("published" in home) return [["deno.json", json({ imports: { ...others, thaw: home.published } })]];
  const { name, version, exports, allowScripts, imports } = await readJson(join(home.folder, "deno.json"));
  const sources = await readSources(join(home.folder, "lib"));
  const own = Object.entries(imports as Record<string, string>).filter(([key]) =>
    key === "thaw" || sources.some((text) => text.includes(`"${key}"`) || text.includes(`"${key}/`))
  ).filter(([, to]) => /^(npm:|\.)/.test(to));
  const config = { name, version, exports, allowScripts, imports: { ...others, ...Object.fromEntries(own) } };
  const dependencies = own.map(([, to]) => to).filter((to) => to.startsWith("npm:")).sort();
  const lock = await readJson(join(home.folder, "deno.lock"));
  // The same packages of the same versions. Told otherwise of what is imported, each job would write it anew.
  return [["deno.json", json(config)], ["deno.lock", json({ ...lock, workspace: { dependencies } })]];
}

/** What a user's modules import by bare names; a file that such a name stands for is found from the configuration. */
function othersImports({ imports }: ModuleGraph, folder: string): Record<string, string> {
  const place = (url: string) => `./${relative(folder, fileURLToPath(url)).replaceAll("\\", "/")}`;
  return Object.fromEntries(
    Object.entries(imports).filter(([name]) => name !== "thaw").map((
      [name, to],
    ) => [name, to.startsWith("file:") ? place(to) : to]),
  );
}

async function readSources(folder: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) texts.push(...await readSources(join(folder, name)));
    else if (name.endsWith(".ts")) texts.push(await Deno.readTextFile(join(folder, name)));
  }
  return texts;
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(path));
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}
