import { PROJECT } from "./paths.ts";
import { runCommand, tail } from "./process.ts";
import type { ProgressLine } from "./progress.ts";
import type { Step } from "./steps.ts";

/**
 * The npm packages of deno.json, in Deno's own cache; there is no node_modules folder.
 *
 * Two of them (tfjs-node-gpu, core-js) have install scripts. Deno does not run those, and thaw wants it so: tfjs-node's
 * would fetch an old TensorFlow. Deno warns about it, and that warning is not passed on.
 */
export function packagesStep(): Step {
  return {
    name: "npm packages",
    about: "tfjs, sharp and what they need, into Deno's cache (download about 100 MB, on disk 380 MB)",
    async done() {
      const { code } = await install(["--cached-only"]);
      return code === 0 ? "in Deno's cache" : undefined;
    },
    async run(progress: ProgressLine) {
      let count = 0;
      const { code, stderr } = await install([], (line) => {
        if (!line.includes("Download")) return;
        count += 1;
        progress.update(`${count} files: ${line.split("/").at(-1)}`);
      });
      if (code !== 0) {
        throw new Error(
          `Cannot install the npm packages: expected deno install to succeed, found exit code ${code}:\n${
            tail(stderr)
          }\n` +
            `Check the network (and npm's proxy and registry settings), then run the task again.`,
        );
      }
      return `${count} files fetched`;
    },
  };
}

function install(args: string[], onErrorLine?: (line: string) => void): ReturnType<typeof runCommand> {
  return runCommand(Deno.execPath(), ["install", ...args], { cwd: PROJECT, env: { NO_COLOR: "1" }, onErrorLine });
}
