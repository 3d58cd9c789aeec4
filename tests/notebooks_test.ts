/**
 * The notebooks, run headless in the real kernel through Jupyter's own client, as `deno task tutorial` runs them.
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { codeCells, mimeTypes, readNotebook } from "../tools/notebook/notebook.ts";
import { runNotebook } from "../tools/notebook/run.ts";
import { PROJECT } from "../tools/setup/paths.ts";

const FOLDER = join(PROJECT, "notebooks");
const names = (await Array.fromAsync(Deno.readDir(FOLDER), (entry) => entry.name))
  .filter((name) => name.endsWith(".ipynb"))
  .sort();

Deno.test("there is a first notebook", () => {
  assert(names.some((name) => name.startsWith("01-")), `expected a 01-….ipynb in notebooks/, found ${names}`);
});

for (const name of names) {
  Deno.test(`${name} is kept without outputs and asks for the kernel "thaw"`, async () => {
    const notebook = await readNotebook(join(FOLDER, name));
    assertEquals(notebook.metadata.kernelspec?.name, "thaw");
    for (const cell of notebook.cells) {
      assertEquals(cell.outputs ?? [], [], "expected no outputs; clear them before you commit");
      assertEquals(cell.execution_count ?? null, null);
    }
  });

  Deno.test(`${name} runs without errors and shows tables, pictures and moving curves`, async () => {
    const run = await runNotebook(join(FOLDER, name), { out: join(PROJECT, "out", "test", name) });
    assertEquals(run.error, undefined);
    assertEquals(run.cells.length, codeCells(await readNotebook(join(FOLDER, name))).length);
    const errors = run.cells.flatMap((cell) => cell.outputs.filter((output) => output.output_type === "error"));
    assertEquals(errors, []);
    const shown = new Set(run.cells.flatMap((cell) => [...mimeTypes(cell)]));
    for (const type of ["text/plain", "text/html", "image/png", "application/vnd.plotly.v1+json"]) {
      assert(shown.has(type), `expected an output of type ${type}, found ${[...shown].join(", ")}`);
    }
  });
}

/** Cells with this tag need what only TensorFlow can do, such as training a convolution. */
const TENSORFLOW_ONLY = "tensorflow";

for (const name of names.filter((name) => name.startsWith("01-"))) {
  for (const backend of ["wasm", "cpu"]) {
    Deno.test(`${name} runs on ${backend} too, with fewer images, but for its cells tagged "${TENSORFLOW_ONLY}"`, async () => {
      const run = await runNotebook(join(FOLDER, name), {
        out: join(PROJECT, "out", "test", backend, name),
        env: { THAW_ENGINE: backend, THAW_FAST: "1" },
        skipTags: [TENSORFLOW_ONLY],
      });
      assertEquals(run.error, undefined);
      assert(run.cells.length > 0);
    });
  }
}
