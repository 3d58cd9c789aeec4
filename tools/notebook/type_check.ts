import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { PROJECT } from "../setup/paths.ts";
import { runCommand, tail } from "../setup/process.ts";
import { notebookModule, type Origin } from "./module.ts";
import { codeCells, readNotebook } from "./notebook.ts";

/**
 * Type-checks the cells of a notebook, which the kernel does not.
 *
 * @returns what is wrong, each with cell and line; empty when nothing is
 */
export async function typeCheckNotebook(path: string): Promise<string[]> {
  let module;
  try {
    module = notebookModule(codeCells(await readNotebook(path)), pathToFileURL(join(dirname(path), "/")));
  } catch (error) {
    if (error instanceof SyntaxError) return [`${basename(path)}, ${error.message}`];
    throw error;
  }
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "thaw-check-" }));
  try {
    const file = join(folder, `${basename(path, ".ipynb")}.ts`);
    await Deno.writeTextFile(file, module.source);
    const { code, stderr } = await runCommand(
      Deno.execPath(),
      ["check", "--config", join(PROJECT, "deno.json"), file], // whose imports count, `thaw` among them
      { cwd: PROJECT, env: { NO_COLOR: "1" } },
    );
    if (code === 0) return [];
    const errors = cellErrors(stderr, pathToFileURL(file).href, module.origins);
    return (errors.length > 0 ? errors : [`deno check failed:\n${tail(stderr)}`])
      .map((message) => `${basename(path)}, ${message}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Rewrites deno check's report: each error of `fileUrl` with the cell and line that it comes from. */
export function cellErrors(report: string, fileUrl: string, origins: readonly (Origin | undefined)[]): string[] {
  const errors: string[] = [];
  let message: string[] = [];
  for (const line of report.split("\n")) {
    const at = line.match(/^\s*at (\S+):(\d+):(\d+)\s*$/);
    if (!at) {
      if (/^(TS\d+|error:.*TS\d+)/.test(line.trim())) message = [];
      message.push(line.trimEnd());
      continue;
    }
    const origin = at[1] === fileUrl ? origins[Number(at[2]) - 1] : undefined;
    const where = origin ? `cell ${origin.cell}, line ${origin.line}` : `${at[1]}:${at[2]}`;
    errors.push(`${where}: ${message.filter((text) => text !== "" && !text.startsWith("Check ")).join("\n  ")}`);
    message = [];
  }
  return errors;
}
