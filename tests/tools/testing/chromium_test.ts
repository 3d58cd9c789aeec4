import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { findChromium } from "../../../tools/testing/chromium.ts";

Deno.test("a browser is looked for on PATH, and THAW_CHROMIUM goes before it", async () => {
  const folder = await Deno.makeTempDir();
  const chromium = join(folder, "chromium");
  const mine = join(folder, "mine");
  await Deno.writeTextFile(chromium, "");
  await Deno.writeTextFile(mine, "");
  assertEquals(await findChromium({ PATH: folder }), chromium);
  assertEquals(await findChromium({ PATH: folder, THAW_CHROMIUM: mine }), mine);
  await assertRejects(
    () => findChromium({ THAW_CHROMIUM: join(folder, "no") }),
    Error,
    "Cannot use THAW_CHROMIUM: expected a browser at",
  );
  await Deno.remove(folder, { recursive: true });
});
