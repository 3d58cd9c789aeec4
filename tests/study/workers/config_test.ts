import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ownConfig } from "../../../lib/study/workers/config.ts";

Deno.test("config: the nearest deno.json above the main module is this process's", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  await Deno.mkdir(join(folder, "a", "b"), { recursive: true });
  const main = pathToFileURL(join(folder, "a", "b", "main.ts")).href;
  assertEquals(ownConfig(main), undefined);
  await Deno.writeTextFile(join(folder, "deno.jsonc"), "{}");
  assertEquals(ownConfig(main), join(folder, "deno.jsonc"));
  await Deno.writeTextFile(join(folder, "a", "deno.json"), "{}");
  assertEquals(ownConfig(main), join(folder, "a", "deno.json"));
  await Deno.mkdir(join(folder, "a", "b", "deno.json")); // a folder is none
  assertEquals(ownConfig(main), join(folder, "a", "deno.json"));
  assertEquals(ownConfig("https://example.com/main.ts"), undefined);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("config: in these tests it is the project's", async () => {
  assertEquals(ownConfig(), await Deno.realPath(new URL("../../../deno.json", import.meta.url)));
});
