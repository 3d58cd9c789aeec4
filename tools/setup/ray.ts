import { join } from "node:path";
import { cacheDir } from "../../lib/engine/cache.ts";
import { PROJECT } from "./paths.ts";
import { exists, runCommand } from "./process.ts";
import { needPython } from "./python.ts";
import type { Step } from "./steps.ts";
import { buildVenv, isAnothers, readMarker, venvPython } from "./venv.ts";

const REQUIREMENTS = join(PROJECT, "tools", "requirements_ray.txt");
const OTHERWISE = "name a Python that has ray[default] with --python";

/** Where set-up puts Ray. */
export function rayVenv(): string {
  return cacheDir("ray");
}

/**
 * The version of Ray that a Python has, with what its Jobs API needs.
 *
 * @returns undefined where it has none, or does not run
 */
export async function rayOf(python: string): Promise<string | undefined> {
  try {
    const { code, stdout } = await runCommand(python, [
      "-c",
      "import ray, ray.dashboard.optional_deps; print(ray.__version__)",
    ]);
    return code === 0 ? stdout.trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

/** Ray, for the suite that needs a cluster, in a virtual environment of thaw's cache. */
export function rayStep(venv: string = rayVenv(), requirements: string = REQUIREMENTS): Step {
  return {
    name: "Ray",
    about: `ray[default] into ${venv} (download about 110 MB, on disk 380 MB)`,
    async done() {
      const { finished, requirements: had } = await readMarker(venv) ?? {};
      if (!finished || had !== await Deno.readTextFile(requirements) || !await exists(venvPython(venv))) {
        return undefined;
      }
      const version = await rayOf(venvPython(venv));
      return version && `${version}, ${venv}`;
    },
    async run(progress) {
      const python = await needPython("3.10", "set up Ray");
      if (await isAnothers(venv)) {
        throw new Error(
          `Cannot set up Ray: expected no ${venv} or one that thaw made, found another's. Move it away, or ${OTHERWISE}.`,
        );
      }
      await buildVenv(venv, python.command, requirements, progress, {
        what: "Ray",
        bytes: 380e6,
        otherwise: OTHERWISE,
      });
      return venv;
    },
  };
}
