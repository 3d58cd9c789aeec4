import { join, resolve } from "node:path";
import { cacheDir } from "../../lib/engine/cache.ts";
import { findJupyter, type Jupyter } from "./jupyter.ts";
import { exists } from "./process.ts";
import type { Step } from "./steps.ts";

/** The kernel's name, as notebooks' metadata have it. */
export const KERNEL = "thaw";

/** Jupyter's description of a kernel. */
export interface Kernelspec {
  argv: string[];
  display_name: string;
  language: string;
  env: Record<string, string>;
  metadata: Record<string, unknown>;
}

/**
 * The kernelspec for a Deno.
 *
 * Its `env` has what must be set before the process starts: a collector that can be called (tensors are freed when it
 * runs), and where thaw's files are, as it was when set-up ran. A Lab that is started elsewhere then finds them too. What
 * chooses how a run goes (THAW_ENGINE, THAW_FAST, TF_CPP_MIN_LOG_LEVEL) is left to the run: what is here overrules it.
 */
export function kernelspec(deno: string, env: Record<string, string | undefined> = Deno.env.toObject()): Kernelspec {
  const places: Record<string, string> = {};
  for (const name of ["THAW_CACHE", "THAW_LIBTENSORFLOW"]) {
    if (env[name]) places[name] = resolve(env[name]); // a kernel's working folder is its notebook's
  }
  return {
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno (thaw)",
    language: "typescript",
    env: { DENO_V8_FLAGS: "--expose-gc", ...places },
    metadata: {},
  };
}

/** The kernel's own Deno: a copy, for npx keeps its one in a cache that does not stay. */
export function keptDeno(): string {
  return resolve(cacheDir("bin", `deno-${Deno.version.deno}${Deno.build.os === "windows" ? ".exe" : ""}`));
}

/** The kernelspec "thaw", in .venv or, for a Jupyter on PATH, among the user's kernels. */
export function kernelspecStep(
  find: () => Promise<Pick<Jupyter, "kernels"> | undefined> = findJupyter,
  deno: string = keptDeno(),
): Step {
  return {
    name: `kernel "${KERNEL}"`,
    about: "Deno (thaw) for Jupyter, with a copy of this Deno that stays",
    async done() {
      const path = await specPath(find).catch(() => undefined);
      if (!path || !(await exists(path)) || !(await isCopied(deno))) return undefined;
      return await Deno.readTextFile(path) === text(kernelspec(deno)) ? path : undefined;
    },
    async run() {
      const path = await specPath(find);
      if (!(await isCopied(deno))) await copyDeno(deno);
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await writeAtOnce(path, text(kernelspec(deno)));
      return path;
    },
  };
}

async function specPath(find: () => Promise<Pick<Jupyter, "kernels"> | undefined>): Promise<string> {
  const jupyter = await find();
  if (!jupyter) throw new Error("Cannot install the kernel: expected a Jupyter, found none. See the step before.");
  return join(jupyter.kernels, KERNEL, "kernel.json");
}

function text(spec: Kernelspec): string {
  return JSON.stringify(spec, null, 2) + "\n";
}

async function isCopied(deno: string): Promise<boolean> {
  return await exists(deno) && (await Deno.stat(deno)).size === (await Deno.stat(Deno.execPath())).size;
}

async function copyDeno(deno: string): Promise<void> {
  await Deno.mkdir(join(deno, ".."), { recursive: true });
  const partial = `${deno}.${Deno.pid}.partial`;
  try {
    await Deno.copyFile(Deno.execPath(), partial);
    await Deno.rename(partial, deno); // a running kernel keeps the file that it was started from
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
  }
}

async function writeAtOnce(path: string, content: string): Promise<void> {
  await Deno.writeTextFile(`${path}.partial`, content);
  await Deno.rename(`${path}.partial`, path);
}
