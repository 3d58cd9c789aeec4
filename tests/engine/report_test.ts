import { assertEquals } from "@std/assert";
import { EngineReport } from "../../lib/engine/report.ts";

const report = new EngineReport(
  "wasm",
  { device: "CPU", version: "tfjs-backend-wasm 4.22.0", threads: 1, gpu: false, misses: [] },
  [
    { name: "tensorflow", taken: false, reason: "libtensorflow was not found" },
    { name: "wasm", taken: true, reason: "the best that can be had here" },
    { name: "cpu", taken: false, reason: "not needed" },
  ],
  [{ place: "THAW_LIBTENSORFLOW", reason: "not set" }],
);

Deno.test("an engine report is a table in text", () => {
  const lines = String(report).split("\n").map((line) => line.trim().split(/\s{2,}/).join(": "));
  assertEquals(lines.filter((line) => line && !/^─/.test(line)), [
    "thaw computes on wasm",
    "engine",
    "device: CPU (no GPU)",
    "version: tfjs-backend-wasm 4.22.0",
    "library: comes with tfjs",
    "threads: 1",
    "rungs",
    "tensorflow: libtensorflow was not found",
    "wasm: the best that can be had here",
    "cpu: not needed",
    "libtensorflow was not taken from",
    "THAW_LIBTENSORFLOW: not set",
  ]);
});

Deno.test("an engine report is plain data in JSON", () => {
  const { rungs, misses, ...facts } = JSON.parse(JSON.stringify(report));
  assertEquals(facts, {
    backend: "wasm",
    device: "CPU",
    version: "tfjs-backend-wasm 4.22.0",
    threads: 1,
    gpu: false,
  });
  assertEquals(rungs.length, 3);
  assertEquals(misses, [{ place: "THAW_LIBTENSORFLOW", reason: "not set" }]);
});

Deno.test("an engine report shows itself in a notebook", async () => {
  const bundle = await report[Symbol.for("Jupyter.display") as unknown as "toString"]() as unknown as Record<
    string,
    string
  >;
  assertEquals(bundle["text/plain"], String(report));
  assertEquals(bundle["text/html"].includes("libtensorflow was not found"), true);
});
