/**
 * `deno task setup`: puts in place whatever is missing, and says how to use it.
 *
 * Nothing here may import an npm package: fetching those is the first step.
 */
import { findJupyter } from "./setup/jupyter.ts";
import { setUp } from "./setup/all.ts";

if (import.meta.main) {
  const report = await setUp();
  if (report.failed.length > 0) {
    console.log(`\nNot ready: ${report.failed.map((step) => step.name).join(", ")}. What to do is said above.`);
    Deno.exit(1);
  }
  const jupyter = await findJupyter();
  console.log(`
Ready. deno task tutorial runs the first notebook, deno task lab opens JupyterLab.
In another front end (VS Code …) choose the kernel "Deno (thaw)"${
    jupyter?.from === "venv" ? ` of the Jupyter in .venv (${jupyter.python})` : ""
  }.`);
}
