/**
 * `deno task lab [OPTION…]`: sets up what is missing and opens JupyterLab on `notebooks/`. Options go to JupyterLab
 * (`--no-browser`, `--port 8899`). Ctrl-C ends it with its kernels.
 */
import { join } from "node:path";
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
  const folder = join(PROJECT, "notebooks");
  const asRoot = Deno.build.os !== "windows" && Deno.uid() === 0 ? ["--allow-root"] : []; // containers
  const lab = new Deno.Command(python, {
    args: [
      ...[TETHER, "-m", "jupyterlab", folder, ...asRoot],
      ...[`--MappingKernelManager.default_kernel_name=${KERNEL}`, ...Deno.args],
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
