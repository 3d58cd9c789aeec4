import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { pythonTensorflow } from "../../../lib/engine/tensorflow/python.ts";
import { withEnvironment } from "../environment.ts";

/** Asks a python3 that is this shell script. */
async function ask(script: string): ReturnType<typeof pythonTensorflow> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "python3"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return await withEnvironment({ PATH: folder }, pythonTensorflow);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const unix = { ignore: Deno.build.os === "windows" };

Deno.test("a Python with tensorflow answers with its folder", unix, async () => {
  assertEquals(await ask("echo /site-packages/tensorflow"), { folder: "/site-packages/tensorflow" });
});

Deno.test("a Python without it, one that fails, and none", unix, async () => {
  assertEquals(await ask("echo"), { reason: "python3 has no tensorflow" });
  assertEquals(await ask("exit 3"), { reason: "python3 could not be asked" });
  const none = await withEnvironment({ PATH: "/nowhere" }, pythonTensorflow);
  assertEquals(none, { reason: "there is no python3 on the PATH" });
});

Deno.test("a real Python finds a package without importing it, and none in the current folder", unix, async () => {
  const folder = await Deno.makeTempDir();
  const before = Deno.cwd();
  try {
    await Deno.mkdir(join(folder, "tensorflow"));
    await Deno.writeTextFile(join(folder, "tensorflow", "__init__.py"), "raise SystemExit('imported')");
    const found = await withEnvironment({ PYTHONPATH: folder }, pythonTensorflow);
    assertEquals(found, { folder: join(folder, "tensorflow") });
    Deno.chdir(folder);
    const here = await withEnvironment({ PYTHONPATH: undefined }, pythonTensorflow);
    assertEquals(here.folder === join(folder, "tensorflow"), false);
  } finally {
    Deno.chdir(before);
    await Deno.remove(folder, { recursive: true });
  }
});
