import { join } from "node:path";
import type { Notebook } from "../../../tools/notebook/notebook.ts";

/** A notebook with these code cells; one that is given as a pair has tags. */
export function makeNotebook(cells: (string | [string, ...string[]])[]): Notebook {
  return {
    cells: cells.map((cell, index) => {
      const [source, ...tags] = typeof cell === "string" ? [cell] : cell;
      const metadata = tags.length > 0 ? { tags } : {};
      return { cell_type: "code", id: `cell-${index}`, metadata, source, outputs: [], execution_count: null };
    }),
    metadata: { kernelspec: { name: "thaw", display_name: "Deno (thaw)" } },
    nbformat: 4,
    nbformat_minor: 5,
  };
}

/** Writes such a notebook into a folder; gives its path. */
export async function writeNotebook(folder: string, cells: Parameters<typeof makeNotebook>[0]): Promise<string> {
  const path = join(folder, "fixture.ipynb");
  await Deno.writeTextFile(path, JSON.stringify(makeNotebook(cells)));
  return path;
}
