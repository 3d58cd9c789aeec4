import { assertEquals, assertThrows } from "@std/assert";
import { pin } from "../../../lib/engine/tensorflow/pin.ts";

const linux = { ignore: Deno.build.os !== "linux" };

const isLoaded = (library: string) => Deno.readTextFileSync("/proc/self/maps").includes(library);

Deno.test("a pinned library stays when it is closed, another one does not", linux, () => {
  const library = "libanl.so.1"; // a small part of the C library that nothing here uses
  Deno.dlopen(library, {}).close();
  assertEquals(isLoaded("libanl"), false);
  pin(library);
  Deno.dlopen(library, {}).close();
  assertEquals(isLoaded("libanl"), true);
});

Deno.test("a library that cannot be opened gives the system's reason", linux, () => {
  const error = assertThrows(() => pin("/nowhere/lib.so"), Error);
  assertEquals(
    error.message,
    "Cannot open /nowhere/lib.so: /nowhere/lib.so: cannot open shared object file: No such file or directory",
  );
});
