import { assertEquals } from "@std/assert";
import { sessionConfig } from "../../../lib/engine/tensorflow/session_config.ts";
import { field, message } from "./protobuf.ts";

const growth = field(6, field(4, 1)); // gpu_options { allow_growth: true }

Deno.test("a configuration lets a GPU's memory grow, and leaves threads to TensorFlow", () => {
  assertEquals(sessionConfig(), message(growth));
});

Deno.test("threads are intra_op_parallelism_threads, of any size", () => {
  for (const threads of [1, 127, 128, 1000]) assertEquals(sessionConfig(threads), message(growth, field(2, threads)));
});

Deno.test("without a GPU none is among the devices", () => {
  const count = field(1, message(field(1, "GPU"), field(2, 0))); // device_count { key: "GPU" value: 0 }
  assertEquals(sessionConfig(undefined, false), message(growth, count));
  assertEquals(sessionConfig(3, false), message(growth, count, field(2, 3)));
});
