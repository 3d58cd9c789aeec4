import { join } from "node:path";
import { exists, removeAll, tail } from "./process.ts";
import { folderBytes, type ProgressLine } from "./progress.ts";
import { runPython } from "./python.ts";

const WINDOWS = Deno.build.os === "windows";

/** What a virtual environment is for. */
export interface VenvPurpose {
  /** What is set up. */
  what: string;
  /** How many bytes it takes on disk, about. */
  bytes: number;
  /** What else would do. */
  otherwise: string;
}

const JUPYTER: VenvPurpose = {
  what: "Jupyter",
  bytes: 320e6,
  otherwise: "put a Jupyter with jupyterlab, nbclient and nbconvert on PATH",
};

/** The Python of a virtual environment. */
export function venvPython(venv: string): string {
  return WINDOWS ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
}

/** True for a virtual environment that thaw did not make. */
export async function isAnothers(venv: string): Promise<boolean> {
  return await exists(join(venv, "pyvenv.cfg")) && !(await exists(markerPath(venv)));
}

/**
 * Makes a virtual environment and installs a requirements file into it. What there was of ours is removed first: an
 * interrupted pip leaves packages that look complete and are not.
 *
 * @throws Error with what Python or pip said, and what to do
 */
export async function buildVenv(
  venv: string,
  python: string,
  requirements: string,
  progress: ProgressLine,
  purpose: VenvPurpose = JUPYTER,
): Promise<void> {
  await removeVenv(venv);
  const temporary = join(venv, "tmp"); // what an interrupted pip leaves goes when the .venv goes
  await Deno.mkdir(temporary, { recursive: true });
  await writeMarker(venv, { finished: false });
  const env = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  await makeVenv(python, venv, env, progress, purpose);
  await installRequirements(venv, requirements, env, progress, purpose);
  await removeAll(temporary);
  await writeMarker(venv, { finished: true, requirements: await Deno.readTextFile(requirements) });
}

/** What thaw.json in a .venv of ours says: it tells it from another's, and a finished one from an interrupted one. */
interface Marker {
  finished: boolean;
  /** The pins that it was made from. */
  requirements?: string;
}

function markerPath(venv: string): string {
  return join(venv, "thaw.json");
}

async function writeMarker(venv: string, marker: Marker): Promise<void> {
  await Deno.writeTextFile(markerPath(venv), JSON.stringify(marker));
}

/** `undefined` for a .venv that somebody else made. */
export async function readMarker(venv: string): Promise<Marker | undefined> {
  if (!(await exists(markerPath(venv)))) return undefined;
  try {
    return JSON.parse(await Deno.readTextFile(markerPath(venv)));
  } catch {
    return { finished: false }; // cut off while it was written
  }
}

/** Removes a .venv, its marker last: what an interrupted removal leaves is known as ours. */
async function removeVenv(venv: string): Promise<void> {
  if (!(await exists(venv))) return;
  for await (const { name } of Deno.readDir(venv)) {
    if (join(venv, name) !== markerPath(venv)) await removeAll(join(venv, name));
  }
  await removeAll(venv);
}

async function makeVenv(
  python: string,
  venv: string,
  env: Record<string, string>,
  progress: ProgressLine,
  { what, otherwise }: VenvPurpose,
): Promise<void> {
  progress.update("making a virtual environment");
  const { code, stdout, stderr } = await runPython(python, ["-m", "venv", venv], { env });
  if (code === 0) return;
  throw new Error(
    `Cannot set up ${what}: expected ${python} -m venv to succeed, found exit code ${code}:\n${
      tail(stdout + stderr)
    }\n` +
      "Debian and Ubuntu keep it in a package of its own: apt install python3-venv. " +
      `Or ${otherwise}. Then run the task again.`,
  );
}

async function installRequirements(
  venv: string,
  requirements: string,
  env: Record<string, string>,
  progress: ProgressLine,
  { what, bytes }: VenvPurpose,
): Promise<void> {
  const { code, stderr } = await progress.watch(
    "installing",
    () => folderBytes(venv),
    bytes,
    runPython(venvPython(venv), [
      ...["-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check", "--only-binary=:all:"],
      ...["-r", requirements],
    ], { env }),
  );
  if (code === 0) return;
  throw new Error(
    `Cannot set up ${what}: expected pip install to succeed, found exit code ${code}:\n${tail(stderr)}\n` +
      "Check the network and pip's proxy and index settings, then run the task again.",
  );
}
