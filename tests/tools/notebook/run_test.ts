import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { jsonOutputs, mimeTypes, plainText } from "../../../tools/notebook/notebook.ts";
import { type NotebookRun, type RunEvent, runNotebook, type RunOptions } from "../../../tools/notebook/run.ts";
import { writeNotebook } from "./fixture.ts";

type Cells = Parameters<typeof writeNotebook>[1];

async function run(
  cells: Cells,
  options: RunOptions = {},
  look?: (folder: string) => Promise<void>,
): Promise<NotebookRun> {
  const folder = await Deno.makeTempDir();
  try {
    const out = join(folder, "out", "executed.ipynb");
    const result = await runNotebook(await writeNotebook(folder, cells), { out, ...options });
    await look?.(folder);
    return result;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SHOW = `const show = (data) => Deno.jupyter.broadcast("display_data", { data, metadata: {}, transient: {} });`;

Deno.test("a notebook runs in the real kernel; outputs, also late ones, and events come back", async () => {
  const events: RunEvent[] = [];
  const { cells, error } = await run(
    [
      `console.log("hello", Deno.env.get("THAW_FAST"));`,
      SHOW,
      `for (let i = 0; i < 50; i++) show({ "text/plain": "x" + i, "text/html": "<b>" + i + "</b>" });`,
      `show({ "application/json": { accuracy: 0.75 } });`,
      `6 * 7`,
    ],
    { env: { THAW_FAST: "yes" }, onEvent: (event) => events.push(event) },
  );
  assertEquals(error, undefined);
  assertEquals(cells.map((cell) => cell.number), [1, 2, 3, 4, 5]);
  assertStringIncludes(plainText(cells[0]), "hello yes");
  assertEquals(cells[2].outputs.length, 50);
  assertEquals(mimeTypes(cells[2]), new Set(["text/plain", "text/html"]));
  assertEquals(jsonOutputs(cells), [{ accuracy: 0.75 }]);
  assertStringIncludes(plainText(cells[4]), "42");
  assertEquals(events.filter((event) => event.event === "ran").map((event) => event.number), [1, 2, 3, 4, 5]);
  assert(events.some((event) => event.event === "text" && event.text.includes("x49")));
});

Deno.test("a cell that fails ends the run; what ran is kept, and the page is made", async () => {
  let page = "";
  const html = await Deno.makeTempFile({ suffix: ".html" });
  const { cells, error } = await run(
    [`console.log("before");`, `throw new RangeError("no such layer");`, `console.log("after");`],
    { html },
    async () => {
      page = await Deno.readTextFile(html);
    },
  );
  await Deno.remove(html);
  assertEquals(error?.cell, 2);
  assertStringIncludes(error!.message, "RangeError: no such layer");
  assertStringIncludes(plainText(cells[0]), "before");
  assertEquals(cells[1].outputs.at(-1)?.output_type, "error");
  assertEquals(cells[2].outputs, []);
  assertStringIncludes(page, "no such layer");
});

Deno.test("cells with a tag that is skipped are left out", async () => {
  const { cells, error } = await run([`1`, [`throw new Error("not here");`, "tensorflow"], `3`], {
    skipTags: ["tensorflow"],
  });
  assertEquals(error, undefined);
  assertEquals(cells.map((cell) => cell.code), ["1", "3"]);
});

Deno.test("a kernel that dies, and a cell that takes too long, are told as what they are", async () => {
  const dead = await run([`1`, `Deno.exit(3);`, `3`]);
  assertEquals(dead.error?.cell, 2);
  assertStringIncludes(dead.error!.message, "expected the kernel to live, found it dead");
  const late = await run([`await new Promise((done) => setTimeout(done, 60_000));`], { timeout: 2 });
  assertEquals(late.error?.cell, 1);
  assertStringIncludes(late.error!.message, "expected each cell to end within 2 s");
});
