/**
 * `deno task lab [FOLDER] [OPTION…]`: sets up what is missing and opens JupyterLab on `notebooks/`, or another folder.
 * Options go to JupyterLab (`--no-browser`, `--port=8899`). Ctrl-C ends it with its kernels.
 */
import { join, resolve } from "node:path";
import { TETHER } from "./setup/python.ts";
import { setUp } from "./setup/all.ts";
import { needJupyter } from "./setup/jupyter.ts";
import { KERNEL } from "./setup/kernelspec.ts";
import { PROJECT } from "./setup/paths.ts";

if (import.meta.main) {
  const { failed } = await setUp({ quiet: true });
  if (failed.some((step) => !step.optional)) {
    console.log("\nJupyterLab was not started, for what set-up could not do above.");
    Deno.exit(1);
  }
  const { python } = await needJupyter();
  const named = Deno.args[0] !== undefined && !Deno.args[0].startsWith("-");
  // the task runs in this project's folder; what was typed is meant from where it was typed
  const folder = named ? resolve(Deno.env.get("INIT_CWD") ?? ".", Deno.args[0]) : join(PROJECT, "notebooks");
  const asRoot = Deno.build.os !== "windows" && Deno.uid() === 0 ? ["--allow-root"] : []; // containers
  const lab = new Deno.Command(python, {
    args: [
      ...[TETHER, "-m", "jupyterlab", folder, ...asRoot],
      ...[`--MappingKernelManager.default_kernel_name=${KERNEL}`, ...Deno.args.slice(named ? 1 : 0)],
    ],
    env: { JUPYTER_PREFER_ENV_PATH: "1" },
    stdin: "piped",
  }).spawn();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => lab.stdin.close().catch(() => {})); // ends the server, its kernels first
  }
  Deno.exit((await lab.status).code);
}
