import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { cardMemoryInUse } from "../../../../bench/gpu/thaw/card_memory.ts";

const fake = fileURLToPath(new URL("libnvidia-ml.so.1", import.meta.url)); // see fake_nvml.c

Deno.test({
  name: "the memory in use is what NVIDIA's management library tells, unless it does not start",
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
  fn() {
    assertEquals(cardMemoryInUse(fake), 3 * 1024 ** 3);
    Deno.env.set("THAW_FAKE_INIT", "9"); // NVML_ERROR_DRIVER_NOT_LOADED
    try {
      assertEquals(cardMemoryInUse(fake), undefined);
    } finally {
      Deno.env.delete("THAW_FAKE_INIT");
    }
  },
});

Deno.test("nobody tells of memory where there is no such library", () => {
  assertEquals(cardMemoryInUse("libnothing-of-this-name.so.1"), undefined);
});
