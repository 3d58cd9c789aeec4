import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { needJupyter } from "../setup/jupyter.ts";
import { KERNEL } from "../setup/kernelspec.ts";
import { PROJECT } from "../setup/paths.ts";
import { tail } from "../setup/process.ts";
import { runPython } from "../setup/python.ts";
import { type CodeCell, codeCells, type Notebook, readNotebook } from "./notebook.ts";

const RUNNER = fileURLToPath(new URL("../run_notebook.py", import.meta.url));

/** What the runner tells while it is at work. */
export type RunEvent =
  | { event: "cell"; number: number; of: number; source: string }
  | { event: "text"; text: string }
  | { event: "ran"; number: number; seconds: number }
  | { event: "failed"; name: string; message: string; traceback: string }
  | { event: "broke"; message: string }
  | { event: "wrote"; path: string };

export interface RunOptions {
  /** Where the executed notebook goes; by default `out/` and its name. */
  out?: string;
  /** Where the HTML page goes, whose figures are interactive without a network; without it none is made. */
  html?: string;
  /** Environment variables for the kernel, such as THAW_ENGINE. */
  env?: Record<string, string>;
  /** Cells with one of these tags are left out. */
  skipTags?: readonly string[];
  /** The most seconds that one cell may take; by default there is no limit. */
  timeout?: number;
  /** Ends the run; what there is by then is kept. */
  signal?: AbortSignal;
  onEvent?: (event: RunEvent) => void;
}

/** An executed notebook. */
export interface NotebookRun {
  notebook: Notebook;
  /** The code cells with their outputs, those left out excepted. */
  cells: CodeCell[];
  /** The cell that failed, or what went wrong around it; `undefined` when all went well. */
  error?: { cell?: number; message: string };
  seconds: number;
}

/**
 * Runs a notebook in the real kernel, through Jupyter's own client, and gives back its cells with what they put out.
 * A cell that fails ends the run; the outputs up to there are kept.
 *
 * @throws Error when there is no Jupyter, or nothing came of the run at all
 */
export async function runNotebook(path: string, options: RunOptions = {}): Promise<NotebookRun> {
  const jupyter = await needJupyter();
  const out = options.out ?? join(PROJECT, "out", basename(path));
  const args = [RUNNER, path, "--out", out, "--kernel", KERNEL];
  if (options.html) args.push("--html", options.html, "--plotly", await plotlyFile());
  if (options.timeout) args.push("--timeout", String(options.timeout));
  for (const tag of options.skipTags ?? []) args.push("--skip-tag", tag);

  await Deno.remove(out).catch(() => {}); // what an earlier run left is not this run's outcome
  const started = performance.now();
  let cell: number | undefined;
  let error: NotebookRun["error"];
  const { code, stderr } = await runPython(jupyter.python, args, {
    env: { JUPYTER_PREFER_ENV_PATH: "1", ...options.env },
    signal: options.signal,
    onLine(line) {
      const event = parseEvent(line);
      if (!event) return;
      if (event.event === "cell") cell = event.number;
      if (event.event === "failed") error = { cell, message: event.traceback || `${event.name}: ${event.message}` };
      if (event.event === "broke") error = { cell, message: event.message };
      options.onEvent?.(event);
    },
  });
  const notebook = await readNotebook(out).catch(() => {
    throw new Error(
      `Cannot run ${path}: expected ${out}, found no such file (exit code ${code}):\n${tail(stderr, 12)}`,
    );
  });
  if (code !== 0 && !error) error = { cell, message: `the runner ended with exit code ${code}:\n${tail(stderr, 12)}` };
  return { notebook, cells: codeCells(notebook), error, seconds: (performance.now() - started) / 1000 };
}

/** One line of the runner's output; `undefined` for anything else that was printed there. */
export function parseEvent(line: string): RunEvent | undefined {
  if (!line.startsWith('{"event"')) return undefined;
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined; // a line that was cut when the runner was killed
  }
}

/** Where plotly.js is: Deno has fetched the package once something of it is imported. */
async function plotlyFile(): Promise<string> {
  await import("plotly.js-dist-min/package.json", { with: { type: "json" } });
  return fileURLToPath(import.meta.resolve("plotly.js-dist-min/plotly.min.js"));
}
