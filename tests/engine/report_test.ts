import { assertEquals, assertMatch } from "@std/assert";
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
    "precision: float32",
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
    precision: "float32",
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

Deno.test("an engine report tells the card, and the versions that compute on it", () => {
  const card = { name: "NVIDIA H100 80GB HBM3", memoryBytes: 85_520_809_984, computeCapability: "9.0" };
  const cuda = { driver: "13.0", runtime: "12.9", cudnn: "9.10.2" };
  const facts = { device: "GPU:0", version: "TensorFlow 2.21.0", threads: 8, gpu: true, card, cuda, misses: [] };
  const text = String(new EngineReport("tensorflow", facts, [], []));
  assertMatch(text, /device +GPU:0\n/);
  assertMatch(text, /card +NVIDIA H100 80GB HBM3, 79\.6 GiB, compute capability 9\.0\n/);
  assertMatch(text, /CUDA +driver 13\.0, runtime 12\.9, cuDNN 9\.10\.2\n/);
});

Deno.test("an engine report tells why no GPU computes", () => {
  const facts = {
    device: "CPU:0",
    version: "2",
    threads: 8,
    gpu: false,
    noCard: "there is no NVIDIA driver",
    misses: [],
  };
  assertMatch(String(new EngineReport("tensorflow", facts, [], [])), /GPU +there is no NVIDIA driver\n/);
});
