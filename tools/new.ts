/**
 * `deno task new DIR`: sets up what is missing and makes a folder to work in outside this clone: a deno.json that finds
 * thaw and a first notebook with the kernel "Deno (thaw)".
 */
import { resolve } from "node:path";
import { setUp } from "./setup/all.ts";
import { makeProject } from "./starter/project.ts";

if (import.meta.main) {
  if (Deno.args.length !== 1) {
    console.log(
      "Cannot make a project: expected one folder, as in deno task new ../flowers, found " + Deno.args.length,
    );
    Deno.exit(1);
  }
  // deno task runs in the clone; what the user typed is meant from where it was typed
  const folder = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), Deno.args[0]);
  try {
    await makeProject(folder);
  } catch (error) {
    console.log((error as Error).message);
    Deno.exit(1);
  }
  const { failed } = await setUp({ quiet: true });
  console.log(`
Made ${folder} with deno.json and start.ipynb. Next:
  deno task lab ${folder}   # in this clone: JupyterLab on that folder
or open start.ipynb in VS Code and choose the kernel "Deno (thaw)".`);
  Deno.exit(failed.some((step) => !step.optional) ? 1 : 0);
}
