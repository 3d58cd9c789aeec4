import { dirname, join } from "node:path";
import { PROJECT } from "./paths.ts";
import { exists, removeAll, runCommand, tail } from "./process.ts";
import { folderBytes, type ProgressLine } from "./progress.ts";
import { needPython, runPython } from "./python.ts";
import type { Step } from "./steps.ts";

/** A Jupyter that has all that the tasks use. */
export interface Jupyter {
  /** Its Python. */
  python: string;
  /** `venv`: the project's own .venv; `path`: the one that `jupyter` on PATH belongs to. */
  from: "venv" | "path";
  /** Where its kernelspecs go. */
  kernels: string;
  /** Whether plotly is beside it, without which JupyterLab shows curves as pictures. */
  plotly: boolean;
}

const NEEDED = ["jupyterlab", "nbclient", "nbconvert", "nbformat", "jupyter_client"];
const VENV = join(PROJECT, ".venv");
const REQUIREMENTS = join(PROJECT, "tools", "requirements.txt");
const WINDOWS = Deno.build.os === "windows";

/** The Jupyter that the tasks use: the project's .venv, else the one on PATH; `undefined` when neither is complete. */
export async function findJupyter(venv: string = VENV): Promise<Jupyter | undefined> {
  const own = venvPython(venv);
  if (await exists(own) && await isFinished(venv)) {
    const found = await probe(own);
    if (found) return { python: own, from: "venv", kernels: join(venv, "share", "jupyter", "kernels"), ...found.facts };
  }
  for (const python of await pythonsOfJupyterOnPath()) {
    const found = await probe(python);
    if (found) return { python, from: "path", kernels: join(found.data, "kernels"), ...found.facts };
  }
  return undefined;
}

/** @throws Error that says to run set-up, when there is no Jupyter */
export async function needJupyter(): Promise<Jupyter> {
  const jupyter = await findJupyter();
  if (!jupyter) {
    throw new Error(
      "Cannot run notebooks: expected a Jupyter in .venv or on PATH, found none. Run deno task setup first.",
    );
  }
  return jupyter;
}

/** A Jupyter in the project's own .venv, where none is on PATH. */
export function jupyterStep(venv: string = VENV, requirements: string = REQUIREMENTS): Step {
  return {
    name: "Jupyter",
    about: "JupyterLab, nbclient, nbconvert and plotly into .venv (download about 60 MB, on disk 320 MB)",
    async done() {
      const jupyter = await findJupyter(venv);
      if (!jupyter) return undefined;
      const lacks = jupyter.plotly ? "" : "; plotly is not beside it, so JupyterLab shows curves as pictures";
      return `${jupyter.from === "venv" ? ".venv" : "on PATH"}, ${jupyter.python}${lacks}`;
    },
    async run(progress) {
      const python = await needPython("3.10", "set up Jupyter");
      if (await exists(venv) && !(await exists(markerPath(venv)))) {
        throw new Error(
          `Cannot set up Jupyter: expected no ${venv} or one that thaw made, found another's. ` +
            `Install ${NEEDED.join(", ")} there and put it first on PATH, or move it away, and run the task again.`,
        );
      }
      await removeAll(venv);
      const temporary = join(venv, "tmp"); // what an interrupted pip leaves goes when the .venv goes
      await Deno.mkdir(temporary, { recursive: true });
      await Deno.writeTextFile(markerPath(venv), JSON.stringify({ finished: false }));
      const env = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
      await makeVenv(python.command, venv, env, progress);
      await installRequirements(venv, requirements, env, progress);
      await removeAll(temporary);
      await Deno.writeTextFile(markerPath(venv), JSON.stringify({ finished: true }));
      return venv;
    },
  };
}

async function makeVenv(
  python: string,
  venv: string,
  env: Record<string, string>,
  progress: ProgressLine,
): Promise<void> {
  progress.update("making a virtual environment");
  const { code, stdout, stderr } = await runPython(python, ["-m", "venv", venv], { env });
  if (code === 0) return;
  throw new Error(
    `Cannot set up Jupyter: expected ${python} -m venv to succeed, found exit code ${code}:\n${
      tail(stdout + stderr)
    }\n` +
      "Debian and Ubuntu keep it in a package of its own: apt install python3-venv. " +
      "Or put a Jupyter with jupyterlab, nbclient and nbconvert on PATH. Then run the task again.",
  );
}

async function installRequirements(
  venv: string,
  requirements: string,
  env: Record<string, string>,
  progress: ProgressLine,
): Promise<void> {
  const { code, stderr } = await progress.watch(
    "installing",
    () => folderBytes(venv),
    320e6,
    runPython(venvPython(venv), [
      ...["-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check", "--only-binary=:all:"],
      ...["-r", requirements],
    ], { env }),
  );
  if (code === 0) return;
  throw new Error(
    `Cannot set up Jupyter: expected pip install to succeed, found exit code ${code}:\n${tail(stderr)}\n` +
      "Check the network and pip's proxy and index settings, then run the task again.",
  );
}

function venvPython(venv: string): string {
  return WINDOWS ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
}

function markerPath(venv: string): string {
  return join(venv, "thaw.json"); // tells a .venv of ours from another's, and a finished one from an interrupted one
}

/** False only for a .venv that set-up began and did not end; one that somebody else made counts by what is in it. */
async function isFinished(venv: string): Promise<boolean> {
  if (!(await exists(markerPath(venv)))) return true;
  try {
    return JSON.parse(await Deno.readTextFile(markerPath(venv))).finished === true;
  } catch {
    return false; // cut off while it was written
  }
}

interface Probe {
  facts: { plotly: boolean };
  data: string;
}

/** Asks a Python whether it has what the tasks use; `undefined` when it does not, or does not run. */
async function probe(python: string): Promise<Probe | undefined> {
  const ask = `import json; from importlib.util import find_spec as f
has = {m: f(m) is not None for m in ${JSON.stringify([...NEEDED, "plotly"])}}
d = None
if f("jupyter_core"):
  from jupyter_core.paths import jupyter_data_dir; d = jupyter_data_dir()
print(json.dumps([has, d]))`;
  try {
    const { code, stdout } = await runCommand(python, ["-c", ask]);
    if (code !== 0) return undefined;
    const [has, data] = JSON.parse(stdout.trim().split("\n").at(-1)!) as [Record<string, boolean>, string | null];
    if (data === null || !NEEDED.every((name) => has[name])) return undefined;
    return { facts: { plotly: has.plotly }, data };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

/** Pythons that may belong to `jupyter` on PATH: the one its first line names, and the one beside it. */
async function pythonsOfJupyterOnPath(): Promise<string[]> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(WINDOWS ? ";" : ":")) {
    const script = join(folder, WINDOWS ? "jupyter.exe" : "jupyter");
    if (!folder || !(await exists(script))) continue;
    if (WINDOWS) return [join(folder, "python.exe"), join(dirname(folder), "python.exe")];
    const real = await Deno.realPath(script);
    return [...interpreterOf(await firstBytes(real)), join(dirname(real), "python")];
  }
  return [];
}

async function firstBytes(path: string): Promise<string> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(512);
  const count = await file.read(bytes) ?? 0;
  return new TextDecoder().decode(bytes.subarray(0, count));
}

/** The Python in a script's first lines: `#!/path/python`, or pip's `exec` form for long paths. */
export function interpreterOf(start: string): string[] {
  const match = start.match(/^#!\s*(\/[^\n]*python[^\s/]*)/) ??
    start.match(/^'''exec' "?(\/[^"\n]*?python[^\s"/]*)"? /m);
  return match ? [match[1]] : [];
}
