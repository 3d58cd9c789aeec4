import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { plainText } from "../../../tools/notebook/notebook.ts";
import { runNotebook } from "../../../tools/notebook/run.ts";
import { makeProject } from "../../../tools/starter/project.ts";

Deno.test("a new project's notebook runs outside the clone, in the real kernel", async () => {
  const parent = await Deno.makeTempDir({ prefix: "thaw-new-" });
  const folder = join(parent, "flowers");
  await makeProject(folder);
  const run = await runNotebook(join(folder, "start.ipynb"), { out: join(parent, "out.ipynb") });
  assertEquals(run.error, undefined);
  const [engine, network] = run.cells.map(plainText);
  assertStringIncludes(engine, "thaw computes on");
  assertStringIncludes(network, "What trains in EfficientNetLite");
  await Deno.remove(parent, { recursive: true });
});

Deno.test("a new project overwrites nothing", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "mine.txt"), "mine");
  await assertRejects(
    () => makeProject(folder),
    Error,
    `Cannot make a project: expected ${folder} to be new or empty, found mine.txt. Choose another folder.`,
  );
  assertEquals(await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name), ["mine.txt"]);
  await Deno.remove(folder, { recursive: true });
});
