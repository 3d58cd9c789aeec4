import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join, relative } from "node:path";
import { writeManifest } from "../../../../lib/engine/tensorflow/gpu/manifest.ts";
import { allSteps } from "../../../../tools/setup/all.ts";
import type { Circumstances } from "../../../../tools/setup/gpu/plan.ts";
import { type GpuOptions, gpuStep, readWish } from "../../../../tools/setup/gpu/step.ts";
import { ObstacleError } from "../../../../tools/setup/fetch_wheel.ts";
import { ProgressLine } from "../../../../tools/setup/progress.ts";
import { runSteps } from "../../../../tools/setup/steps.ts";
import { driverFor } from "./fakes.ts";
import { withFolder } from "../../../folders.ts";

const NO_DRIVER = "there is no NVIDIA driver (libcuda.so.1 was not found)";

/** What is looked at, in place of this machine. */
function look(driver: Circumstances["driver"]): Pick<GpuOptions, "look"> {
  return { look: () => Promise.resolve({ driver, folders: [], system: "linux-x86_64" }) };
}

/** A folder as the step leaves it. */
async function fakeBuild(folder: string, tensorflow: string, cuda: number): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const names = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2", "libcudart.so"];
  for (const name of names) await Deno.writeTextFile(join(folder, name), "");
  await writeManifest(folder, { tensorflow, cuda, preload: [join(folder, "libcudart.so")] });
}

Deno.test("without a card it says what was looked for, fetches nothing and is no failure", () =>
  withFolder(async (folder) => {
    const lines: string[] = [];
    const put = () => Promise.reject(new Error("nothing is to be fetched"));
    const step = gpuStep("fitting", { folder, ...look(NO_DRIVER), put });
    const report = await runSteps([step], { print: (line) => lines.push(line) });
    assertEquals(report, { ready: ["TensorFlow for GPUs"], made: [], failed: [] });
    assertEquals(lines, [
      `[1/1] TensorFlow for GPUs: ${NO_DRIVER}; thaw computes on the CPU. For a machine whose card comes later there are ` +
      "--gpu=cuda12 and --gpu=cuda13",
    ]);
  }));

Deno.test("a build that is there and fits is kept; one that lacks a library, or is another, is made anew", () =>
  withFolder(async (folder) => {
    const done = (wish: "fitting" | "cuda12", cuda: string) =>
      gpuStep(wish, { folder, ...look(driverFor(cuda, "9.0")) }).done();
    assertEquals(await done("fitting", "13.0"), undefined);
    await fakeBuild(folder, "2.23.0.dev20270101", 13); // of another night
    assertEquals(await done("fitting", "13.0"), `TensorFlow 2.23.0.dev20270101 for CUDA 13 in ${folder}`);
    assertEquals(await done("fitting", "12.4"), undefined); // the driver takes CUDA 12 only
    assertEquals(await done("cuda12", "13.0"), undefined);
    await fakeBuild(folder, "2.20.0", 12); // of an older thaw
    assertEquals(await done("fitting", "12.4"), undefined);
    await fakeBuild(folder, "2.21.0", 12);
    assertEquals(await done("fitting", "12.4"), `TensorFlow 2.21.0 for CUDA 12 in ${folder}`);
    const near = relative(Deno.cwd(), folder); // of a THAW_CACHE that is relative
    const step = gpuStep("fitting", { folder: near, ...look(driverFor("12.4", "9.0")) });
    assertEquals(await step.done(), `TensorFlow 2.21.0 for CUDA 12 in ${near}`);
    await Deno.remove(join(folder, "libcudart.so"));
    assertEquals(await done("fitting", "12.4"), undefined);
    await Deno.writeTextFile(join(folder, "gpu.json"), "{");
    assertEquals(await done("fitting", "12.4"), undefined);
  }));

/** Runs the step with a `put` that fails for these builds. */
async function runWith(folder: string, failing: string[], Failure: new (text: string) => Error = Error) {
  const said: string[] = [], tried: string[] = [];
  class Listening extends ProgressLine {
    override say(text: string): void {
      said.push(text);
    }
  }
  const step = gpuStep("fitting", {
    folder: join(folder, "gpu"),
    partial: join(folder, "partial"),
    ...look(driverFor("13.0", "9.0")),
    async put({ build }, into) {
      tried.push(build.name);
      if (failing.includes(build.name)) throw new Failure(`Cannot use ${build.name}`);
      await fakeBuild(into, build.version, build.cuda);
      return "computes on it";
    },
  });
  assertEquals(await step.done(), undefined);
  const result = await step.run(new Listening()).catch((error: Error) => error.message);
  return { result, said, tried };
}

Deno.test("the first build that can be used is put in place", () =>
  withFolder(async (folder) => {
    const { result, said, tried } = await runWith(folder, []);
    assertEquals(tried, ["cuda13"]);
    assertEquals(said, []);
    assertEquals(result, `TensorFlow 2.23.0.dev20261026 for CUDA 13 in ${join(folder, "gpu")}; computes on it`);
  }));

Deno.test("where a build cannot be used, it says why and takes the next that fits", () =>
  withFolder(async (folder) => {
    const { result, said, tried } = await runWith(folder, ["cuda13"]);
    assertEquals(tried, ["cuda13", "cuda12"]);
    assertEquals(said, [
      "Cannot use cuda13\nTaken instead: TensorFlow 2.21.0 for CUDA 12 with NVIDIA's libraries " +
      "(download 2899 MB in 9 files, on disk 4457 MB)",
    ]);
    assertEquals(result, `TensorFlow 2.21.0 for CUDA 12 in ${join(folder, "gpu")}; computes on it`);
  }));

Deno.test("where the network or the disk is what fails, no other build is tried: what was fetched is for the next time", () =>
  withFolder(async (folder) => {
    const { result, tried } = await runWith(folder, ["cuda13", "cuda12"], ObstacleError);
    assertEquals([result, tried], ["Cannot use cuda13", ["cuda13"]]);
  }));

Deno.test("where none can be used, the last one's reason is the step's, and the steps after it go on", () =>
  withFolder(async (folder) => {
    const staging = join(folder, "partial", "gpu-cuda12");
    assertEquals((await runWith(folder, ["cuda13", "cuda12"])).result, "Cannot use cuda12");
    await Deno.mkdir(staging);
    assertEquals(
      (await runWith(folder, ["cuda13", "cuda12"])).result,
      `Cannot use cuda12\nWhat was fetched stays in ${staging} for the next try.`,
    );
    assertEquals(allSteps("fitting").map(({ name }) => name).slice(1, 3), [
      "TensorFlow for GPUs",
      "libtensorflow 2.21.0",
    ]);
    assertEquals(gpuStep("fitting").optional, true);
    assertEquals(allSteps().some(({ name }) => name === "TensorFlow for GPUs"), false);
  }));

Deno.test("the step says what it will fetch, before it does", async () => {
  const step = gpuStep("fitting", { folder: "/nowhere", ...look(driverFor("12.4", "9.0")) });
  assertEquals(await step.done(), undefined);
  assertEquals(
    step.about,
    "TensorFlow 2.21.0 for CUDA 12 with NVIDIA's libraries (download 2899 MB in 9 files, on disk 4457 MB)",
  );
});

Deno.test("a THAW_LIBTENSORFLOW that the engine would take first is refused", async () => {
  const before = Deno.env.get("THAW_LIBTENSORFLOW");
  Deno.env.set("THAW_LIBTENSORFLOW", "/elsewhere");
  try {
    await assertRejects(
      () => gpuStep("fitting", look(NO_DRIVER)).done(),
      Error,
      "Cannot set up TensorFlow for GPUs: expected no THAW_LIBTENSORFLOW, which the engine takes first, found " +
        "/elsewhere. Unset it and run the task again.",
    );
  } finally {
    if (before === undefined) Deno.env.delete("THAW_LIBTENSORFLOW");
    else Deno.env.set("THAW_LIBTENSORFLOW", before);
  }
});

Deno.test("the command line asks for a GPU build, or not", () => {
  assertEquals(readWish([]), undefined);
  assertEquals(readWish(["--gpu"]), "fitting");
  assertEquals(readWish(["--gpu=cuda12"]), "cuda12");
  assertEquals(readWish(["--gpu=cuda13"]), "cuda13");
  const error = assertThrows(() => readWish(["--gpu", "--gpu=cuda11"]), Error);
  assertEquals(
    error.message,
    "Cannot set up: expected --gpu or --gpu=cuda12 or --gpu=cuda13, found --gpu=cuda11",
  );
});
