import { join } from "node:path";
import { copyFolder } from "./npm.ts";

const QUESTION = `
import importlib.util, json, sys
sys.path = [path for path in sys.path if path]
found = {name: importlib.util.find_spec(name) for name in sys.argv[1:]}
print(json.dumps({name: spec.submodule_search_locations[0] for name, spec in found.items() if spec}))`;

/**
 * Copies the Python code of packages, without what is compiled: that is for one torch only.
 *
 * @returns the packages that this Python does not have
 */
export async function copyPythonPackages(python: string, names: readonly string[], to: string): Promise<string[]> {
  const folders = await foldersOf(python, names);
  for (const [name, folder] of Object.entries(folders)) {
    await copyFolder(folder, join(to, name), (path) => path.endsWith(".py"));
  }
  return names.filter((name) => !(name in folders));
}

async function foldersOf(python: string, names: readonly string[]): Promise<Record<string, string>> {
  try {
    const { success, stdout } = await new Deno.Command(python, { args: ["-c", QUESTION, ...names] }).output();
    return success ? JSON.parse(new TextDecoder().decode(stdout)) : {};
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
}
