import { join } from "node:path";
import { PROJECT } from "../setup/paths.ts";
import type { Job } from "./deno_test.ts";

/** The tests that a whole run leaves out: they start a Ray cluster, and `deno task ray` runs them. */
export const RAY_TESTS = "tests/ray";

/**
 * The jobs of a whole run: a process for each folder of `tests/` and for each file beside them, and one for the examples
 * in each folder of `lib/`, in mod.ts and in the README. A crash in native code or an error of types then costs one
 * folder's results and not all, and memory is given back between.
 */
export async function allJobs(root: string = PROJECT): Promise<Job[]> {
  const files = (await testFiles(root, "tests")).filter((file) => !file.startsWith(`${RAY_TESTS}/`));
  const groups = Map.groupBy(files, (file) => {
    const parts = file.split("/");
    return parts.length > 2 ? `tests/${parts[1]}` : file;
  });
  const jobs = [...groups].map(([name, files]) => ({ name, paths: files, flags: ["--no-check"] }));
  for (const path of await documented(root)) jobs.push(examples(path));
  return jobs;
}

/** The jobs for the paths that were named: tests below `tests/`, examples in anything else. */
export async function namedJobs(paths: readonly string[], root: string = PROJECT): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const path of paths.map((path) => path.replaceAll("\\", "/").replace(/\/+$/, ""))) {
    const info = await Deno.stat(join(root, path)).catch(() => {
      throw new Error(`Cannot test ${path}: expected a file or folder of the project, found none`);
    });
    if (!/^(\.\/)?tests(\/|$)/.test(path)) {
      jobs.push(examples(path));
    } else {
      const files = info.isDirectory ? await testFiles(root, path) : [path];
      if (files.length === 0) throw new Error(`Cannot test ${path}: expected …_test.ts files in it, found none`);
      jobs.push({ name: path, paths: files, flags: [] });
    }
  }
  return jobs;
}

function examples(path: string): Job {
  return { name: `examples in ${path}`, paths: [path], flags: ["--doc", "--permit-no-files"] };
}

/** What may have examples: the folders of lib/, and the files that users read first. */
async function documented(root: string): Promise<string[]> {
  const rooms = await Array.fromAsync(Deno.readDir(join(root, "lib")), (entry) => `lib/${entry.name}`);
  const files = ["mod.ts", "README.md"];
  const there = await Promise.all(files.map((file) => Deno.stat(join(root, file)).then(() => true, () => false)));
  return [...rooms.sort(), ...files.filter((_, index) => there[index])];
}

/** The test files below a folder, with their paths from `root`, sorted. */
async function testFiles(root: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...await testFiles(root, path));
    else if (/_test\.tsx?$/.test(entry.name)) files.push(path);
  }
  return files.sort();
}
