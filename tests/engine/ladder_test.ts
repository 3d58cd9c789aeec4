import { assert, assertEquals, assertGreater, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { engine, type EngineReport, useEngine } from "../../lib/engine/mod.ts";
import { writeManifest } from "../../lib/engine/tensorflow/gpu/manifest.ts";
import { runThaw } from "./process.ts";
import { FAKE_DRIVER_FOLDER, FAKE_MANAGEMENT_FOLDER, onLinux } from "./tensorflow/gpu/fake_driver.ts";
import "./tensorflow/tensorflow_for_tests.ts";

const REPORT = `
import { engine } from "./lib/engine/mod.ts";
import * as tf from "@tensorflow/tfjs";
const sum = (await tf.sum(tf.ones([4])).data())[0];
// Linux tells of every thread; Deno's own come and go.
const threads = Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/task")] : [];
const names = threads.map(({ name }) => Deno.readTextFileSync("/proc/self/task/" + name + "/comm"));
const running = names.filter((name) => !/^(tokio|V8)/.test(name)).length;
console.log(JSON.stringify({ ...engine(), sum, running }));`;

/** What such a process reports: its engine, what it computed, and how many threads TensorFlow had. */
type Report = EngineReport & { sum: number; running: number };

/** What a process computes with, and what it says on stderr. */
async function engineOf(env: Record<string, string | undefined>): Promise<Report & { err: string }> {
  const { code, out, err } = await runThaw(REPORT, env);
  assertEquals(code, 0, err);
  return { ...JSON.parse(out), err };
}

/** An environment without TensorFlow: an empty cache, a python3 that has none, and no graphics card for WebGPU. */
async function withoutTensorflow<T>(use: (env: Record<string, string | undefined>) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "python3"), "#!/bin/sh\necho\n", { mode: 0o755 });
    return await use({
      THAW_LIBTENSORFLOW: undefined,
      THAW_ENGINE: undefined,
      THAW_CACHE: folder,
      PATH: folder,
      DENO_WEBGPU_BACKEND: "noop",
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("TensorFlow is taken where it is, quietly, and leaves cleanly", async () => {
  const report = await engineOf({ THAW_ENGINE: undefined, TF_CPP_MIN_LOG_LEVEL: undefined, THAW_THREADS: undefined });
  assertEquals(report.backend, "tensorflow");
  assertEquals(report.sum, 4);
  assertEquals(report.err, "");
  assertMatch(report.version, /^TensorFlow 2\./);
  assert(report.library!.endsWith(engine().library!));
  assertEquals(report.threads, navigator.hardwareConcurrency);
  assertEquals(report.rungs, [
    { name: "tensorflow", taken: true, reason: "the best that can be had here" },
    { name: "webgpu", taken: false, reason: "not needed" },
    { name: "wasm", taken: false, reason: "not needed" },
    { name: "cpu", taken: false, reason: "not needed" },
  ]);
});

Deno.test("a process that ends by an error, or by Deno.exit, in the midst of computing does not crash", async () => {
  const start = `import "./lib/engine/mod.ts";
    import * as tf from "@tensorflow/tfjs";
    const keep = Array.from({ length: 50 }, () => tf.randomNormal([64, 64]));
    console.log(keep.length);`;
  const thrown = await runThaw(`${start} throw new Error("on purpose");`);
  assertEquals(thrown.code, 1);
  assertStringIncludes(thrown.err, "on purpose");
  assertEquals((await runThaw(`${start} Deno.exit(7);`)).code, 7);
});

Deno.test("THAW_THREADS limits an operation's threads", async () => {
  const one = await engineOf({ THAW_THREADS: "1" }), many = await engineOf({ THAW_THREADS: "20" });
  assertEquals([one.threads, many.threads], [1, 20]);
  if (Deno.build.os === "linux") assertGreater(many.running, one.running + 15);
  const { code, err } = await runThaw(REPORT, { THAW_THREADS: "many", THAW_ENGINE: "tensorflow" });
  assertEquals(code, 1);
  assertStringIncludes(
    err,
    "Cannot use the engine tensorflow (THAW_ENGINE): " +
      'Cannot use THAW_THREADS: expected a number of threads, a whole number from 1, found "many"',
  );
});

Deno.test("without libtensorflow the ladder goes on to wasm, and one line says what to do", () =>
  withoutTensorflow(async (env) => {
    const report = await engineOf(env);
    assertEquals(report.backend, "wasm");
    assertEquals(report.sum, 4);
    assertEquals(
      report.err,
      "thaw computes on wasm, many times slower than TensorFlow (tensorflow: libtensorflow was not found). " +
        "For speed run `deno task setup` in thaw's clone, " +
        "or set THAW_LIBTENSORFLOW to a folder with TensorFlow's C library",
    );
    assertEquals(report.rungs.slice(0, 2), [
      { name: "tensorflow", taken: false, reason: "libtensorflow was not found" },
      { name: "webgpu", taken: false, reason: "no graphics card was found, nor a driver that does without" },
    ]);
    assertEquals(
      report.misses.map(({ place, reason }) => [place, reason]).filter(([place]) => place !== "tfjs-node-gpu"),
      [
        ["THAW_LIBTENSORFLOW", "not set"],
        ["thaw's cache (GPU)", `there is no ${join(env.THAW_CACHE!, "libtensorflow", "gpu")}`],
        ["thaw's cache", `there is no ${join(env.THAW_CACHE!, "libtensorflow", "2.21.0-cpu")}`],
        ["python3", "python3 has no tensorflow"],
      ],
    );
  }));

Deno.test("a library that cannot be opened is a reason, and the ladder goes on", () =>
  withoutTensorflow(async (env) => {
    const folder = env.THAW_CACHE!;
    for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
      await Deno.writeTextFile(join(folder, name), "not a library");
    }
    const report = await engineOf({ ...env, THAW_LIBTENSORFLOW: folder });
    assertEquals(report.backend, "wasm");
    assertStringIncludes(report.rungs[0].reason, `Cannot open ${join(folder, "libtensorflow_framework.so.2")}: `);
    assertStringIncludes(report.rungs[0].reason, "file too short");
  }));

Deno.test("THAW_LIBTENSORFLOW that leads nowhere is told of, also when another place has the library", async () => {
  const { library } = engine();
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(join(folder, "libtensorflow"));
    await Deno.symlink(join(library!, ".."), join(folder, "libtensorflow", "2.21.0-cpu"));
    const report = await engineOf({ THAW_CACHE: folder, THAW_LIBTENSORFLOW: "/nowhere" });
    assertEquals(report.backend, "tensorflow");
    const taken = join(folder, "libtensorflow", "2.21.0-cpu", "libtensorflow_cc.so.2");
    assertEquals(report.library, taken);
    assertEquals(report.err, `Cannot use THAW_LIBTENSORFLOW: there is no /nowhere; taken instead: ${taken}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(
  "a GPU build whose libraries from NVIDIA are gone, or do not open, is told of, and the CPU build is taken",
  onLinux,
  async () => {
    const real = join(engine().library!, "..");
    const folder = await Deno.makeTempDir();
    try {
      const [gpu, cpu] = ["gpu", "2.21.0-cpu"].map((name) => join(folder, "libtensorflow", name));
      for (const build of [gpu, cpu]) {
        await Deno.mkdir(build, { recursive: true });
        for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
          await Deno.symlink(join(real, name), join(build, name));
        }
      }
      await writeManifest(gpu, {
        tensorflow: "2.21.0",
        cuda: 12,
        preload: ["nvidia/cuda_runtime/lib/libcudart.so.12"],
      });
      const env = { LD_LIBRARY_PATH: FAKE_DRIVER_FOLDER, THAW_CACHE: folder, THAW_LIBTENSORFLOW: undefined };
      const report = await engineOf({ ...env, THAW_ENGINE: undefined });
      const cudart = join(gpu, "nvidia/cuda_runtime/lib/libcudart.so.12");
      assertEquals(report.library, join(cpu, "libtensorflow_cc.so.2"));
      assertEquals(
        report.err,
        `Cannot use thaw's cache (GPU): there is no ${cudart} any more, which it was set up with; ` +
          `run \`deno task setup --gpu\` again; taken instead: ${report.library}`,
      );
      assertEquals(
        report.noCard,
        "there is a card, NVIDIA H100 (fake), that does not compute: this TensorFlow is for CPUs only; " +
          "`deno task setup --gpu` brings one for the card",
      );
      assertEquals(report.gpu, false);
      await Deno.mkdir(join(cudart, ".."), { recursive: true });
      await Deno.writeTextFile(cudart, "");
      const { err } = await engineOf({ ...env, THAW_ENGINE: undefined });
      assertEquals(
        err,
        `Cannot use thaw's cache (GPU): Cannot open ${cudart}: ${cudart}: file too short; ` +
          `taken instead: ${report.library}`,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("a card that a GPU build finds no use for is told of", onLinux, async () => {
  const real = join(engine().library!, "..");
  const folder = await Deno.makeTempDir();
  try {
    for (const { name } of Deno.readDirSync(real)) await Deno.symlink(join(real, name), join(folder, name));
    await writeManifest(folder, { tensorflow: "2.21.0", cuda: 12, preload: [] });
    const env = { THAW_LIBTENSORFLOW: folder, THAW_ENGINE: undefined };
    const report = await engineOf({ ...env, LD_LIBRARY_PATH: `${FAKE_DRIVER_FOLDER}:${FAKE_MANAGEMENT_FOLDER}` });
    const reason =
      "there is a card, NVIDIA H100 (fake), that does not compute: TensorFlow 2.21.0 for CUDA 12 found no use " +
      "for it; with TF_CPP_MIN_LOG_LEVEL=0 in the environment it says why";
    assertEquals([report.gpu, report.noCard, report.err], [false, reason, `thaw computes on the CPU: ${reason}`]);
    const without = await engineOf({ ...env, LD_LIBRARY_PATH: FAKE_DRIVER_FOLDER, THAW_FAKE_CARDS: "0" });
    assertEquals([without.gpu, without.err], [false, ""], "without a card there is nothing to say");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const name of ["wasm", "cpu"]) {
  Deno.test(`THAW_ENGINE=${name} takes ${name}, and says nothing of it`, async () => {
    const report = await engineOf({ THAW_ENGINE: name });
    assertEquals([report.backend, report.sum, report.err], [name, 4, ""]);
    assertEquals(report.rungs[0].reason, `${name} was asked for (THAW_ENGINE)`);
  });
}

Deno.test("a rung that THAW_ENGINE names is taken or is an error", () =>
  withoutTensorflow(async (env) => {
    const missing = await runThaw(REPORT, { ...env, THAW_ENGINE: "tensorflow" });
    assertEquals(missing.code, 1);
    assertMatch(
      missing.err,
      /Cannot use the engine tensorflow \(THAW_ENGINE\): libtensorflow was not found \(THAW_LIBTENSORFLOW: not set; .*deno task setup/,
    );
    const unknown = await runThaw(REPORT, { ...env, THAW_ENGINE: "gpu" });
    assertEquals(unknown.code, 1);
    assertStringIncludes(
      unknown.err,
      'Cannot use an engine (THAW_ENGINE): expected one of "tensorflow", "webgpu", "wasm", "cpu", found "gpu"',
    );
  }));

Deno.test("useEngine goes to a rung and back; an unknown name changes nothing", async () => {
  const before = engine().backend;
  assertEquals((await useEngine("cpu")).backend, "cpu");
  assertEquals(engine().backend, "cpu");
  const error = await assertRejects(() => useEngine("webgl" as "cpu"), RangeError);
  assertEquals(
    error.message,
    'Cannot use an engine (useEngine): expected one of "tensorflow", "webgpu", "wasm", "cpu", found "webgl"',
  );
  assertEquals(engine().backend, "cpu");
  assertEquals((await useEngine(before)).backend, before);
});
