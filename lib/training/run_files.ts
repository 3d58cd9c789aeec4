import { join } from "node:path";
import type { RunData } from "./run_record.ts";
import { RunRecord } from "./run_record.ts";
import { findRun, RunList, type RunReference, runs } from "./runs.ts";

const kind = "thaw run", version = 1, ending = ".run.json";

/**
 * Writes runs to a folder, one JSON file each; {@linkcode loadRuns} reads them back. A run that is saved again replaces its
 * file. Other files in the folder are left alone.
 *
 * @param folder made where it is not there
 * @param which all runs of this process unless given
 * @returns the files' paths
 *
 * @example
 * ```ts
 * import { data, fit, loadRuns, nn, saveRuns } from "thaw";
 * import * as tf from "@tensorflow/tfjs";
 *
 * const points = data.fromTensors(tf.tensor2d([[1, 0], [0, 1]]), [0, 1]);
 * const run = await fit(new nn.Sequential(new nn.Linear(2, 2)), points, { name: "a line" });
 * const folder = await Deno.makeTempDir();
 * await saveRuns(folder, [run]);
 * console.log((await loadRuns(folder)).at(0)!.name); // a line
 * ```
 */
export async function saveRuns(folder: string, which: Iterable<RunReference> = runs()): Promise<string[]> {
  const records = Array.from(which, findRun);
  await Deno.mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const record of records) {
    const run = record.toJSON();
    const path = join(folder, `${run.started.replaceAll(":", "-")}-${run.number}${ending}`);
    const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
    await Deno.writeTextFile(temporary, JSON.stringify({ kind, version, ...run }, null, 2) + "\n");
    await Deno.rename(temporary, path);
    paths.push(path);
  }
  return paths;
}

/**
 * Reads the runs that {@linkcode saveRuns} has written to a folder, the oldest first. They are not among {@linkcode runs};
 * `compare` takes them together with those that are.
 *
 * @throws {Deno.errors.NotFound} where there is no such folder
 * @throws {TypeError} where a file is not what `saveRuns` writes
 */
export async function loadRuns(folder: string): Promise<RunList> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) if (name.endsWith(ending)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(`Cannot load runs from "${folder}": expected a folder there, found none`);
  }
  const all = await Promise.all(names.map((name) => readRun(join(folder, name))));
  return new RunList(all.sort((a, b) => order(a, b)).map((data) => new RunRecord(data)));
}

function order(a: RunData, b: RunData): number {
  return a.started.localeCompare(b.started) || a.number - b.number;
}

async function readRun(path: string): Promise<RunData> {
  const fail = (found: string): never => {
    throw new TypeError(
      `Cannot load the run "${path}": expected a file of saveRuns, version ${version}, found ${found}`,
    );
  };
  let parsed: Record<string, unknown> = {};
  try {
    parsed = JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    fail("a file that is not JSON");
  }
  const { kind: foundKind, version: foundVersion, ...run } = parsed;
  if (foundKind !== kind) fail("JSON of another kind");
  if (foundVersion !== version) fail(`version ${foundVersion}`);
  for (
    const field of ["number", "name", "started", "seconds", "state", "data", "plan", "optimizer", "options", "history"]
  ) {
    if (run[field] === undefined) fail(`no "${field}"`);
  }
  return { ...run, state: run.state === "running" ? "stopped" : run.state } as unknown as RunData;
}
