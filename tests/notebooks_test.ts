/**
 * The notebooks, run headless in the real kernel through Jupyter's own client, as `deno task tutorial` runs them.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import * as models from "../lib/models/mod.ts";
import { codeCells, mimeTypes, plainText, readNotebook } from "../tools/notebook/notebook.ts";
import { type NotebookRun, runNotebook } from "../tools/notebook/run.ts";
import { PROJECT } from "../tools/setup/paths.ts";

const FOLDER = join(PROJECT, "notebooks");
const names = (await Array.fromAsync(Deno.readDir(FOLDER), (entry) => entry.name))
  .filter((name) => name.endsWith(".ipynb"))
  .sort();

const runs = new Map<string, Promise<NotebookRun>>();

/** The notebook, run the first time that it is asked for. */
function runOnce(name: string): Promise<NotebookRun> {
  const run = runs.get(name) ?? runNotebook(join(FOLDER, name), { out: join(PROJECT, "out", "test", name) });
  runs.set(name, run);
  return run;
}

const firstRun = () => runOnce(names.find((name) => name.startsWith("01-"))!);

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

  Deno.test(`${name} runs without errors and shows tables, pictures and curves`, async () => {
    const run = await runOnce(name);
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

Deno.test("the first notebook keeps what it promises: a good head, a better network, frozen parts untouched", async () => {
  const { cells } = await firstRun();
  const text = cells.map(plainText).join("\n");
  const accuracies = [...text.matchAll(/best validation accuracy ([\d.]+) %/g)].map(([, share]) => Number(share));
  const [head, thawed] = [accuracies[0], accuracies.at(-1)!];
  assert(head > 70, `expected the head alone to be right on more than 70 %, found ${head} %`);
  assert(thawed > head, `expected the thawed stages to add to the head's ${head} %, found ${thawed} %`);

  // features.0 to features.5 are frozen throughout: every entry of theirs keeps its bits, every other one changes.
  const state = models.efficientnet_lite0().namedState().map(([name]) => name);
  const frozen = state.filter((name) => /^features\.[0-5]\./.test(name));
  assertStringIncludes(text, `unchanged: ${frozen.length}, from ${frozen[0]} to ${frozen.at(-1)}`);
  const others = state.slice(frozen.length);
  assertStringIncludes(text, `changed: ${others.length}, from ${others[0]} to ${others.at(-1)}`);
  assertStringIncludes(text, `All ${state.length} entries loaded`);
});

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
