/**
 * `deno task setup`: puts in place whatever is missing, and says how to use it.
 *
 * `deno task setup --gpu` brings the GPU build of TensorFlow that fits the driver, with NVIDIA's libraries, too;
 * `--gpu=cuda12` and `--gpu=cuda13` bring that build, also where there is no card (yet).
 *
 * Nothing here may import an npm package: fetching those is the first step.
 */
import { findLibrary } from "../lib/engine/tensorflow/library.ts";
import { askDriver } from "../lib/engine/tensorflow/gpu/driver.ts";
import { allSteps, setUp } from "./setup/all.ts";
import { whatComputes } from "./setup/gpu/ready.ts";
import { readWish } from "./setup/gpu/step.ts";
import { findJupyter } from "./setup/jupyter.ts";

if (import.meta.main) {
  let wish;
  try {
    wish = readWish(Deno.args);
  } catch (error) {
    console.log((error as Error).message);
    Deno.exit(1);
  }
  const report = await setUp({ steps: allSteps(wish) });
  if (report.failed.length > 0) {
    console.log(`\nNot ready: ${report.failed.map((step) => step.name).join(", ")}. What to do is said above.`);
    Deno.exit(1);
  }
  const jupyter = await findJupyter();
  const driver = askDriver();
  console.log(`
Ready. ${whatComputes(driver, (await findLibrary(driver)).library)}
deno task tutorial runs the first notebook, deno task lab opens JupyterLab.
In another front end (VS Code …) choose the kernel "Deno (thaw)"${
    jupyter?.from === "venv" ? ` of the Jupyter in .venv (${jupyter.python})` : ""
  }.`);
}
