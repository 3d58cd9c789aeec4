import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { cacheDir } from "../../lib/engine/cache.ts";

Deno.test("cacheDir is below THAW_CACHE when that is set", () => {
  const before = Deno.env.get("THAW_CACHE");
  try {
    Deno.env.set("THAW_CACHE", join("some", "where"));
    assertEquals(cacheDir("weights", "a.pth"), join("some", "where", "weights", "a.pth"));
    Deno.env.delete("THAW_CACHE");
    assertEquals(cacheDir("weights").endsWith(join("thaw", "weights")), true);
  } finally {
    if (before === undefined) Deno.env.delete("THAW_CACHE");
    else Deno.env.set("THAW_CACHE", before);
  }
});
