import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The configuration that this process found when it started: the nearest deno.json above its main module, or above a
 * notebook's folder. Another process that is to import what this one can needs the same.
 *
 * @returns its path; undefined where there is none
 */
export function ownConfig(mainModule: string = Deno.mainModule): string | undefined {
  if (!mainModule.startsWith("file:")) return undefined;
  for (let folder = dirname(fileURLToPath(mainModule));; folder = dirname(folder)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const path = join(folder, name);
      if (isFile(path)) return path;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

/** `--config …` for a Deno process that resolves modules as this one does. */
export function configFlags(): string[] {
  const config = ownConfig();
  return config === undefined ? [] : ["--config", config];
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
