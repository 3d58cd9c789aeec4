/**
 * `deno task tutorial [NOTEBOOK…]`: sets up what is missing, runs the first notebook (or those named) in the real
 * kernel, and leaves each executed notebook and an HTML page of it under `out/`.
 */
import { basename, join, relative, resolve } from "node:path";
import { runNotebook } from "./notebook/run.ts";
import { setUp } from "./setup/all.ts";
import { PROJECT } from "./setup/paths.ts";
import { ProgressLine } from "./setup/progress.ts";

async function firstNotebook(): Promise<string[]> {
  const folder = join(PROJECT, "notebooks");
  const names = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name);
  const first = names.filter((name) => /^01-.*\.ipynb$/.test(name)).sort()[0];
  if (!first) throw new Error(`Cannot run the tutorial: expected a 01-….ipynb in ${folder}, found none`);
  return [join(folder, first)];
}

/** Runs one notebook with its progress on the terminal; true when every cell ran. */
async function runWithProgress(path: string, signal: AbortSignal): Promise<boolean> {
  const name = basename(path, ".ipynb");
  const out = join(PROJECT, "out", `${name}.ipynb`);
  const html = join(PROJECT, "out", `${name}.html`);
  console.log(`\nRunning ${relative(PROJECT, path)}`);
  let line = new ProgressLine();
  let label = "";
  const run = await runNotebook(path, {
    out,
    html,
    signal,
    onEvent(event) {
      if (event.event === "cell") {
        line = new ProgressLine();
        label = `[${event.number}/${event.of}] ${firstCodeLine(event.source)}`;
        line.update(label);
      } else if (event.event === "text") {
        line.update(`${label} … ${event.text}`);
      } else if (event.event === "ran") {
        line.clear();
        console.log(`  ${label}  ${event.seconds.toFixed(1)} s`);
      }
    },
  });
  line.clear();
  if (run.error) {
    const where = run.error.cell === undefined ? "before the first cell" : `in code cell ${run.error.cell}`;
    console.log(`\nFAILED ${where}:\n${run.error.message}\n\nWhat ran until then: ${out} and ${html}`);
    return false;
  }
  console.log(`
All ${run.cells.length} cells ran in ${run.seconds.toFixed(0)} s.
  the executed notebook: ${out}
  the page to look at:   ${html}`);
  return true;
}

/** The first line of a cell that is neither empty nor a comment. */
function firstCodeLine(source: string): string {
  const lines = source.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const line = lines.find((line) => !line.startsWith("//")) ?? lines[0];
  return line.length > 70 ? line.slice(0, 69) + "…" : line;
}

if (import.meta.main) {
  const { failed } = await setUp();
  if (failed.some((step) => !step.optional)) {
    console.log("\nThe tutorial was not run, for what set-up could not do above.");
    Deno.exit(1);
  }
  const stop = new AbortController();
  Deno.addSignalListener("SIGINT", () => stop.abort()); // the runner ends the kernel and writes what there is
  let good = true;
  for (const path of Deno.args.length > 0 ? Deno.args.map((path) => resolve(path)) : await firstNotebook()) {
    if (!stop.signal.aborted) good = await runWithProgress(path, stop.signal) && good;
  }
  Deno.exit(good ? 0 : 1);
}
