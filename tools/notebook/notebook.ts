/** One thing that a cell put out, as Jupyter's notebook format has it. */
export interface Output {
  output_type: "stream" | "display_data" | "execute_result" | "error";
  /** By mime type; texts may come as lists of lines. */
  data?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  name?: string;
  text?: string | string[];
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

export interface Cell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  source: string | string[];
  metadata: { tags?: string[]; [name: string]: unknown };
  outputs?: Output[];
  execution_count?: number | null;
}

/** A notebook file's content (nbformat 4). */
export interface Notebook {
  cells: Cell[];
  metadata: { kernelspec?: { name: string; display_name?: string }; [name: string]: unknown };
  nbformat: number;
  nbformat_minor: number;
}

/** A cell with code in it. */
export interface CodeCell {
  /** 1 for the notebook's first code cell, as set-up's tasks count them. */
  number: number;
  code: string;
  tags: string[];
  outputs: Output[];
}

/** @throws SyntaxError, naming the file, when it is not a notebook of format 4 */
export async function readNotebook(path: string): Promise<Notebook> {
  const text = await Deno.readTextFile(path);
  try {
    const notebook = JSON.parse(text);
    if (notebook?.nbformat === 4 && Array.isArray(notebook.cells)) return notebook;
  } catch (error) {
    throw new SyntaxError(`Cannot read ${path}: expected a notebook, found text that is not JSON (${error})`);
  }
  throw new SyntaxError(`Cannot read ${path}: expected a notebook of format 4, found other JSON`);
}

/** The cells that have code, in order; empty ones do not count. */
export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells
    .filter((cell) => cell.cell_type === "code" && joined(cell.source).trim() !== "")
    .map((cell, index) => ({
      number: index + 1,
      code: joined(cell.source),
      tags: cell.metadata.tags ?? [],
      outputs: cell.outputs ?? [],
    }));
}

/** Every mime type that a cell put out. */
export function mimeTypes(cell: CodeCell): Set<string> {
  return new Set(cell.outputs.flatMap((output) => Object.keys(output.data ?? {})));
}

/** What a cell printed and showed as plain text. */
export function plainText(cell: CodeCell): string {
  return cell.outputs
    .map((output) => joined(output.text ?? (output.data?.["text/plain"] as string | string[] | undefined) ?? ""))
    .join("\n");
}

/** What cells put out as `application/json`: figures that a test reads. */
export function jsonOutputs(cells: CodeCell[]): unknown[] {
  return cells.flatMap((cell) => cell.outputs)
    .filter((output) => output.data !== undefined && "application/json" in output.data)
    .map((output) => output.data!["application/json"]);
}

/** Notebook files keep texts as one string or as a list of lines. */
export function joined(text: string | string[]): string {
  return Array.isArray(text) ? text.join("") : text;
}
