import { fileURLToPath, pathToFileURL } from "node:url";
import { configFlags } from "./config.ts";

/** What modules of this machine need to be imported elsewhere. */
export interface ModuleGraph {
  /** The modules' own files and those that they import, at whatever remove. */
  files: string[];
  /** What the bare names stand for that are imported in them: `lodash` for `npm:lodash@4`. */
  imports: Record<string, string>;
}

/** The part of `deno info --json` that is read here. */
interface Info {
  roots: string[];
  modules: { specifier: string; error?: string; dependencies?: Dependency[] }[];
  redirects: Record<string, string>;
}

/** An import; one of types alone has no code. */
interface Dependency {
  specifier: string;
  code?: { specifier?: string; error?: string };
}

/**
 * Finds what modules import, as Deno resolves it in this process.
 *
 * @param isOwn whether a file is thaw's: its imports are known, and it is not among the files
 * @throws {Error} where a module cannot be found, or would not be found on another machine
 */
export async function moduleGraph(paths: readonly string[], isOwn: (path: string) => boolean): Promise<ModuleGraph> {
  const files = new Set<string>();
  const imports: Record<string, string> = {};
  for (const path of paths) {
    const { roots, modules, redirects } = await inspect(path);
    const known = new Map(modules.map((module) => [module.specifier, module]));
    const waiting = [...roots];
    const fail = (why: string): never => {
      throw new Error(`Cannot take ${path} along: ${why}`);
    };
    for (const seen = new Set<string>(waiting); waiting.length > 0;) {
      const asked = waiting.pop()!;
      const module = known.get(redirects[asked] ?? asked);
      if (module?.error) fail(module.error);
      if (!module?.specifier.startsWith("file:") || isOwn(fileURLToPath(module.specifier))) continue;
      files.add(fileURLToPath(module.specifier));
      for (const { specifier: name, code } of module.dependencies ?? []) {
        if (code?.error) fail(`${module.specifier} imports "${name}": ${code.error}`);
        if (!code?.specifier) continue;
        if (/^(file:|\/)/.test(name)) {
          fail(
            `expected relative paths in its imports, which hold elsewhere too, found "${name}" in ${module.specifier}`,
          );
        }
        if (isBare(name)) imports[name] = code.specifier.replace(/^npm:\//, "npm:");
        if (!seen.has(code.specifier)) waiting.push(code.specifier);
        seen.add(code.specifier);
      }
    }
  }
  return { files: [...files], imports };
}

function isBare(name: string): boolean {
  return !/^(\.{0,2}\/|[a-z][a-z0-9+.-]*:)/i.test(name);
}

async function inspect(path: string): Promise<Info> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...configFlags(), pathToFileURL(path).href],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (code === 0) return JSON.parse(new TextDecoder().decode(stdout));
  throw new Error(
    `Cannot take ${path} along: expected deno info to know its imports, found exit code ${code}:\n` +
      new TextDecoder().decode(stderr).trim(),
  );
}
