import { assertEquals } from "@std/assert";
import { libraryNames } from "../../../lib/engine/tensorflow/names.ts";

Deno.test("libtensorflow's files by platform", () => {
  assertEquals(libraryNames("linux"), {
    main: ["libtensorflow_cc.so.2", "libtensorflow.so.2"],
    framework: "libtensorflow_framework.so.2",
  });
  assertEquals(libraryNames("darwin").framework, "libtensorflow_framework.2.dylib");
  assertEquals(libraryNames("windows"), { main: ["tensorflow.dll"] });
});
