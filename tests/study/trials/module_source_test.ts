import { assertEquals, assertRejects } from "@std/assert";
import { basename, dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { callExport } from "../../../lib/study/trials/module_source.ts";
import { inFolder } from "../splits/scripted.ts";

const text = `
export const answer = 42;
export default (options) => ({ made: "by default", options });
export async function later(options) { await 0; return options; }
`;

Deno.test("an export is taken as it is, or called where it is a function, with the options", () =>
  inFolder(async (folder) => {
    const module = join(folder, "things.ts");
    await Deno.writeTextFile(module, text);
    assertEquals(await callExport({ module, export: "answer" }), 42);
    assertEquals(await callExport({ module, export: "answer", options: { a: 1 } }), 42);
    assertEquals(await callExport({ module }), { made: "by default", options: undefined });
    assertEquals(await callExport({ module, options: { a: [1] } }), { made: "by default", options: { a: [1] } });
    assertEquals(await callExport({ module, export: "later", options: { b: 2 } }), { b: 2 });
  }));

Deno.test("a module is a URL, or a path from where this process was started", () =>
  inFolder(async (folder) => {
    const path = join(folder, "things.ts");
    await Deno.writeTextFile(path, text);
    const here = relative(Deno.cwd(), path);
    for (const module of [path, pathToFileURL(path).href, here, join(dirname(here), ".", basename(here))]) {
      assertEquals(await callExport({ module, export: "answer" }), 42, module);
    }
    assertEquals(await callExport({ module: "data:text/javascript,export default 7" }), 7);
  }));

Deno.test("an export that is not there is named, with those that are", () =>
  inFolder(async (folder) => {
    const module = join(folder, "things.ts");
    await Deno.writeTextFile(module, text);
    const { message } = await assertRejects(() => callExport({ module, export: "network" }), TypeError);
    assertEquals(
      message,
      `Cannot use the module "${module}": expected an export "network", found answer, default, later`,
    );
    const empty = join(folder, "empty.ts");
    await Deno.writeTextFile(empty, "");
    await assertRejects(
      () => callExport({ module: empty }),
      TypeError,
      `Cannot use the module "${empty}": expected an export "default", found none`,
    );
    await assertRejects(() => callExport({ module: join(folder, "missing.ts") }), TypeError, "missing.ts");
  }));
