import { assertEquals, assertThrows } from "@std/assert";
import { dirname, join } from "node:path";
import { engine } from "../../../lib/engine/mod.ts";
import { openLibrary } from "../../../lib/engine/tensorflow/open.ts";
import { tensorflowBackend } from "./tensorflow_for_tests.ts";

await tensorflowBackend();

Deno.test("a process can have one TensorFlow", () => {
  const { library } = engine();
  const [main, framework] = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"].map((name) =>
    join("/other", name)
  );
  const error = assertThrows(() => openLibrary({ place: "another", main, framework }), Error);
  const open = join(dirname(library!), "libtensorflow_framework.so.2");
  assertEquals(
    error.message,
    `Cannot use ${main}: expected no other TensorFlow in this process, found ${open} open`,
  );
});
