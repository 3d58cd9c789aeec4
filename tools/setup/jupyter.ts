import { dirname, join } from "node:path";
import { PROJECT } from "./paths.ts";
import { exists, runCommand } from "./process.ts";
import { needPython } from "./python.ts";
import type { Step } from "./steps.ts";
import { buildVenv, isAnothers, readMarker, venvPython } from "./venv.ts";

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
  if (await exists(own) && (await readMarker(venv))?.finished !== false) {
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
      const { requirements: had } = await readMarker(venv) ?? {};
      if (jupyter.from === "venv" && had && had !== await Deno.readTextFile(requirements)) return undefined; // new pins
      const lacks = jupyter.plotly ? "" : "; plotly is not beside it, so JupyterLab shows curves as pictures";
      return `${jupyter.from === "venv" ? ".venv" : "on PATH"}, ${jupyter.python}${lacks}`;
    },
    async run(progress) {
      const python = await needPython("3.10", "set up Jupyter");
      if (await isAnothers(venv)) {
        throw new Error(
          `Cannot set up Jupyter: expected no ${venv} or one that thaw made, found another's. ` +
            `Install ${NEEDED.join(", ")} there and put it first on PATH, or move it away, and run the task again.`,
        );
      }
      await buildVenv(venv, python.command, requirements, progress);
      return venv;
    },
  };
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
