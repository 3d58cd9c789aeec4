import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { type Machine, Results } from "../../../bench/gpu/results.ts";

const machine: Machine = {
  device: "gpu",
  engine: { device: "GPU:0", version: "TensorFlow 2.21.0", gpu: true, threads: 16 },
  torch: { version: "2.13.0" },
  webgpu: "none",
  processor: "any",
  cores: 16,
  deno: "2.9.6",
};

async function withPath(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(join(folder, "results", "gpu.json"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const read = async (path: string) => JSON.parse(await Deno.readTextFile(path));

Deno.test("rows come in the plan's order; what is there already is not measured again, what failed is", () =>
  withPath(async (path) => {
    const order = ["a", "b", "c"];
    const first = await Results.open(path, machine);
    await first.put({ case: "c" }, order);
    await first.put({ case: "a", problem: "out of memory" }, order);
    const again = await Results.open(path, machine);
    assertEquals(order.map((name) => again.has(name)), [false, false, true]);
    await again.put({ case: "a" }, order);
    assertEquals((await read(path)).results, [{ case: "a" }, { case: "c" }]);
    assertEquals((await read(path)).machine, machine);
  }));

Deno.test("rows of another machine do not stay", () =>
  withPath(async (path) => {
    await (await Results.open(path, machine)).put({ case: "a" }, ["a", "b"]);
    const other = await Results.open(path, { ...machine, torch: { version: "2.14.0" } });
    assertEquals(other.has("a"), false);
    await other.put({ case: "b" }, ["a", "b"]);
    assertEquals((await read(path)).results, [{ case: "b" }]);
  }));
