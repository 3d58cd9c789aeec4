import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { readManifest } from "../../../../lib/engine/tensorflow/gpu/manifest.ts";
import { BUILDS, type NvidiaWheel } from "../../../../tools/setup/gpu/builds.ts";
import type { Plan } from "../../../../tools/setup/gpu/plan.ts";
import { putBuild } from "../../../../tools/setup/gpu/put.ts";
import { runCommand } from "../../../../tools/setup/process.ts";
import { ProgressLine } from "../../../../tools/setup/progress.ts";
import { needPython } from "../../../../tools/setup/python.ts";
import { withEnvironment } from "../../../engine/environment.ts";
import { withFolder } from "../../../folders.ts";

const { command: PYTHON } = await needPython("3.7", "test set-up");

/** Makes a wheel of these files, a letter a byte. */
async function makeWheel(path: string, files: Record<string, number>): Promise<void> {
  const make = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
  for name, size in json.loads(sys.argv[2]).items(): z.writestr(name, "x" * size)`;
  const { code, stderr } = await runCommand(PYTHON, ["-c", make, path, JSON.stringify(files)]);
  assertEquals(code, 0, stderr);
}

const TENSORFLOW = { "tensorflow/include/LICENSE": 4, "tensorflow/THIRD_PARTY_NOTICES.txt": 6 };
const LIBRARIES = { "libtensorflow_cc.so.2": 30, "libtensorflow_framework.so.2": 20 };

function nvidiaWheel(name: string, part: NvidiaWheel["part"], files: Record<string, number>, letter: string) {
  const sha256 = letter.repeat(64);
  return {
    name,
    part,
    files,
    sha256,
    requirement: `${name}==1`,
    least: "1",
    platform: "any",
    bytes: 9,
    licence: `${name}.txt`,
  };
}

const CUDA = nvidiaWheel("nvidia-cuda", "CUDA", {
  "nvidia/cublas/lib/libcublas.so.12": 5,
  "nvidia/cuda_runtime/lib/libcudart.so.12": 7,
}, "b");
const CUDNN = nvidiaWheel("nvidia-cudnn", "cuDNN", { "nvidia/cudnn/lib/libcudnn.so.9": 3 }, "c");

/** A plan of small files. */
function smallPlan(plan: Partial<Plan> = {}): Plan {
  const tensorflow = {
    requirement: "no-package==1",
    sha256: "a".repeat(64),
    platform: "any",
    bytes: 9,
    libraries: LIBRARIES,
    tried: true,
  };
  const build = { ...BUILDS[0], tensorflow, nvidia: [CUDA, CUDNN] };
  return { build, installed: [], wheels: [CUDA, CUDNN], download: 27, onDisk: 65, ...plan };
}

/** Leaves the plan's wheels where a run that was interrupted after their download would have. */
async function leaveWheels(partial: string, { build, wheels }: Plan): Promise<void> {
  const inWheel = Object.fromEntries(Object.entries(LIBRARIES).map(([name, size]) => [`tensorflow/${name}`, size]));
  await makeWheel(join(partial, `${build.tensorflow.sha256.slice(0, 16)}.whl`), { ...inWheel, ...TENSORFLOW });
  for (const { sha256, files, licence } of wheels) {
    await makeWheel(join(partial, `${sha256.slice(0, 16)}.whl`), { ...files, [licence]: 1 });
  }
}

async function withPlaces(use: (folder: string, partial: string) => Promise<void>): Promise<void> {
  await withFolder(async (root) => {
    const partial = join(root, "partial");
    await Deno.mkdir(partial);
    await use(join(root, "libtensorflow", "gpu"), partial);
  });
}

/** Keeps what is said. */
class Listening extends ProgressLine {
  constructor(private readonly lines: string[]) {
    super();
  }

  override say(text: string): void {
    this.lines.push(text);
  }
}

const fetchingIn = (partial: string) => ({ partial, python: PYTHON, progress: new ProgressLine() });

Deno.test("a build is put together, tried, and moved into place with the order in which its libraries are opened", () =>
  withPlaces(async (folder, partial) => {
    const plan = smallPlan();
    await leaveWheels(partial, plan);
    await Deno.mkdir(join(partial, "gpu-cuda13")); // what another build's interrupted run left
    const found = await putBuild(plan, folder, fetchingIn(partial), (staging, { tensorflow, cuda }) => {
      assertEquals([staging, tensorflow, cuda], [join(partial, "gpu-cuda12"), "2.21.0", 12]);
      return Promise.resolve("tried");
    });
    assertEquals(found, "tried");
    assertEquals(readManifest(folder), {
      tensorflow: "2.21.0",
      cuda: 12,
      preload: [
        join(folder, "nvidia/cuda_runtime/lib/libcudart.so.12"),
        join(folder, "nvidia/cublas/lib/libcublas.so.12"),
        join(folder, "nvidia/cudnn/lib/libcudnn.so.9"),
      ],
    });
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "LICENSE",
      "THIRD_PARTY_NOTICES.txt",
      "gpu.json",
      "libtensorflow_cc.so.2",
      "libtensorflow_framework.so.2",
      "nvidia",
      "nvidia-cuda.txt",
      "nvidia-cudnn.txt",
    ]);
    assertEquals([...Deno.readDirSync(partial)], []);
  }));

Deno.test("libraries that are installed are opened where they are, between those that are fetched", () =>
  withPlaces(async (folder, partial) => {
    const files = ["/torch/nvidia/cuda_runtime/lib/libcudart.so.12", "/torch/nvidia/cublas/lib/libcublas.so.12"];
    const plan = smallPlan({ wheels: [CUDNN], installed: [{ part: "CUDA", folder: "/torch", files }] });
    await leaveWheels(partial, plan);
    await putBuild(plan, folder, fetchingIn(partial), () => Promise.resolve(""));
    assertEquals(readManifest(folder)!.preload, [...files, join(folder, "nvidia/cudnn/lib/libcudnn.so.9")]);
  }));

Deno.test("where the trial fails, what was there before stays, and what was unpacked is used the next time", () =>
  withPlaces(async (folder, partial) => {
    const plan = smallPlan();
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, "before"), "");
    await leaveWheels(partial, plan);
    const fail = () => Promise.reject(new Error("Cannot use it"));
    await assertRejects(() => putBuild(plan, folder, fetchingIn(partial), fail), Error, "Cannot use it");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["before"]);
    // No wheel is left: this can only go by what was unpacked.
    await putBuild(plan, folder, fetchingIn(partial), () => Promise.resolve(""));
    assertEquals(readManifest(folder)!.preload.length, 3);
  }));

Deno.test("what is whole of the build in place is not fetched again, nor lost where its successor fails", () =>
  withPlaces(async (folder, partial) => {
    const plan = smallPlan(), cudnn = join(folder, "nvidia/cudnn/lib/libcudnn.so.9");
    await leaveWheels(partial, plan);
    await putBuild(plan, folder, fetchingIn(partial), () => Promise.resolve(""));
    const names = async () => (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    const before = await names();
    await Deno.truncate(cudnn);
    await leaveWheels(partial, plan);
    for (const { sha256 } of [plan.build.tensorflow, CUDA]) {
      await Deno.remove(join(partial, `${sha256.slice(0, 16)}.whl`));
    }
    const fail = () => Promise.reject(new Error("Cannot use it"));
    const lines: string[] = [];
    const fetching = { ...fetchingIn(partial), progress: new Listening(lines) };
    await assertRejects(() => putBuild(plan, folder, fetching, fail), Error, "Cannot use it");
    assertEquals(lines, ["0.1 MB of it is here already and not fetched again"]);
    assertEquals([await names(), (await Deno.stat(cudnn)).size], [before, 0]);
    await putBuild(plan, folder, fetchingIn(partial), () => Promise.resolve(""));
    assertEquals([await names(), (await Deno.stat(cudnn)).size], [before, 3]);
    assertEquals((await Deno.readTextFile(join(folder, "libtensorflow_cc.so.2"))).length, 30);
  }));

Deno.test("a wheel whose files are not those that were expected is refused and removed", () =>
  withPlaces(async (folder, partial) => {
    const plan = smallPlan();
    await leaveWheels(partial, plan);
    await makeWheel(join(partial, `${"c".repeat(16)}.whl`), {
      ...CUDNN.files,
      "nvidia/cudnn/lib/libcudnn.so.9": 1,
      "nvidia-cudnn.txt": 1,
    });
    const error = await assertRejects(
      () => putBuild(plan, folder, fetchingIn(partial), () => Promise.resolve("")),
      Error,
    );
    assertEquals(
      error.message,
      "Cannot unpack nvidia-cudnn==1: expected libcudnn.so.9 in it, found:\nfiles of other sizes\n" +
        "Run the task again to fetch it anew. Meanwhile the CPU build serves.",
    );
    assertEquals([...Deno.readDirSync(partial)].map(({ name }) => name), ["gpu-cuda12"]);
  }));

Deno.test("too little space is said before anything is fetched", () =>
  withPlaces(async (folder, partial) => {
    const plan = smallPlan({ onDisk: 1e18 });
    await assertRejects(
      () => putBuild(plan, folder, fetchingIn(partial), () => Promise.resolve("")),
      Error,
      "Cannot set up TensorFlow for GPUs: expected 1000000000.0 GB free below",
    );
  }));

/** A nightly build that pip can have, in a folder that it looks into in place of an index. */
async function leaveNightly(folder: string, version: string): Promise<void> {
  const make = `import sys, zipfile
folder, version = sys.argv[1:]
with zipfile.ZipFile(f"{folder}/thaw_nightly-{version}-py3-none-any.whl", "w") as z:
  info = f"thaw_nightly-{version}.dist-info/"
  z.writestr(info + "METADATA", f"Metadata-Version: 2.1\\nName: thaw-nightly\\nVersion: {version}\\n")
  z.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
  z.writestr(info + "RECORD", "")
  for name in ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2", "include/LICENSE", "THIRD_PARTY_NOTICES.txt"]:
    z.writestr("tensorflow/" + name, "new")`;
  assertEquals((await runCommand(PYTHON, ["-c", make, folder, version])).code, 0);
}

Deno.test("where the nightly build that thaw knows is gone, the newest is taken, and said", () =>
  withPlaces(async (folder, partial) => {
    const plan = smallPlan({ wheels: [] });
    const tensorflow = { ...plan.build.tensorflow, requirement: "thaw-nightly==2.0.dev1" };
    const build = { ...plan.build, tensorflow, newest: "thaw-nightly>=2.0.dev1" };
    const index = join(partial, "..", "index");
    await Deno.mkdir(index);
    await leaveNightly(index, "2.0.dev7");
    const lines: string[] = [];
    const put = (links: string) =>
      withEnvironment({ PIP_NO_INDEX: "1", PIP_FIND_LINKS: links }, async () => {
        const fetching = { ...fetchingIn(partial), progress: new Listening(lines) };
        await putBuild({ ...plan, build }, folder, fetching, () => Promise.resolve(""));
      });
    await assertRejects(() => put(partial), Error, "Cannot fetch thaw-nightly==2.0.dev1: expected pip download");
    assertEquals(lines, []); // where there is none of any night, that one is not gone
    await put(index);
    assertEquals(lines, [
      "thaw-nightly==2.0.dev1 is not to be had any more. Taken instead, untried: the newest of thaw-nightly>=2.0.dev1",
    ]);
    assertEquals(readManifest(folder)!.tensorflow, "2.0.dev7");
    assertEquals(await Deno.readTextFile(join(folder, "libtensorflow_cc.so.2")), "new");
  }));
