import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { findLibrary, isNews, libraryFolder, lookAt } from "../../../lib/engine/tensorflow/library.ts";
import { libraryNames } from "../../../lib/engine/tensorflow/names.ts";
import { withEnvironment } from "../environment.ts";
import { withFiles } from "../../folders.ts";

const { main: [main, archive], framework } = libraryNames("linux");
const GPU = join("libtensorflow", "gpu"), CPU = join("libtensorflow", "2.21.0-cpu");
const GPU_CUDART = join(GPU, "nvidia/cuda_runtime/lib/libcudart.so.12");
const driver = {
  cuda: "13.0",
  path: "libcuda.so.1",
  cards: [{ name: "H100", memoryBytes: 1, computeCapability: "9.0" }],
};
const unix = { ignore: Deno.build.os !== "linux" };

Deno.test("a folder with both files, or either file's path", unix, () =>
  withFiles([main, framework!], (folder) => {
    const found = { main: join(folder, main), framework: join(folder, framework!) };
    assertEquals(lookAt(folder), found);
    assertEquals(lookAt(found.main), found);
  }));

Deno.test(
  "the C library's own archive has another name for the main file",
  unix,
  () =>
    withFiles([archive, framework!], (folder) => {
      assertEquals(lookAt(folder), { main: join(folder, archive), framework: join(folder, framework!) });
    }),
);

Deno.test("a path of no use gives the reason", unix, () =>
  withFiles([join("half", main), "empty/x"], (folder) => {
    assertEquals(lookAt(join(folder, "nothing")), `there is no ${join(folder, "nothing")}`);
    assertEquals(lookAt(join(folder, "empty")), `there is no ${main} or ${archive} in ${join(folder, "empty")}`);
    const half = join(folder, "half", main);
    assertEquals(lookAt(join(folder, "half")), `there is no ${framework} beside ${half}`);
  }));

Deno.test(
  "the places are looked at in order, and each miss keeps its reason",
  unix,
  () =>
    withFiles([], async (empty) => {
      const environment = { THAW_LIBTENSORFLOW: undefined, THAW_CACHE: empty, PATH: empty };
      const { library, misses } = await withEnvironment(environment, findLibrary);
      assertEquals(library, undefined);
      assertEquals(misses.map(({ place }) => place), [
        "THAW_LIBTENSORFLOW",
        "thaw's cache (GPU)",
        "thaw's cache",
        "tfjs-node-gpu",
        "python3",
      ]);
      assertEquals(misses[0].reason, "not set");
      assertEquals(misses[1].reason, `there is no ${join(empty, "libtensorflow", "gpu")}`);
      assertEquals(misses[2].reason, `there is no ${join(empty, "libtensorflow", "2.21.0-cpu")}`);
      assertEquals(misses[4].reason, "there is no python3 on the PATH");
    }),
);

Deno.test(
  "THAW_LIBTENSORFLOW comes before the cache, the cache before the rest",
  unix,
  () =>
    withFiles(
      [main, framework!].flatMap((name) => [join("own", name), join("libtensorflow/2.21.0-cpu", name)]),
      (folder) =>
        withEnvironment({ THAW_CACHE: folder, THAW_LIBTENSORFLOW: join(folder, "own") }, async () => {
          const first = await findLibrary();
          assertEquals(first.library?.place, "THAW_LIBTENSORFLOW");
          assertEquals(first.library?.main, join(folder, "own", main));
          assertEquals(first.misses, []);
          Deno.env.set("THAW_LIBTENSORFLOW", join(folder, "elsewhere"));
          const second = await findLibrary();
          assertEquals(second.library?.main, join(libraryFolder(), main));
          assertEquals(second.misses, [
            { place: "THAW_LIBTENSORFLOW", reason: `there is no ${join(folder, "elsewhere")}` },
            { place: "thaw's cache (GPU)", reason: `there is no ${join(folder, "libtensorflow", "gpu")}` },
          ]);
        }),
    ),
);

Deno.test(
  "the TensorFlow of an installed Python is the last place",
  unix,
  () =>
    withFiles(
      [main, framework!].map((name) => join("tensorflow", name)),
      (folder) =>
        withEnvironment({ THAW_LIBTENSORFLOW: undefined, THAW_CACHE: folder, PATH: folder }, async () => {
          await Deno.writeTextFile(join(folder, "python3"), `#!/bin/sh\necho noise >&2\necho ${folder}/tensorflow\n`, {
            mode: 0o755,
          });
          const { library, misses } = await findLibrary();
          assertEquals(library, {
            place: "python3",
            main: join(folder, "tensorflow", main),
            framework: join(folder, "tensorflow", framework!),
          });
          assertEquals(misses.length, 4);
        }),
    ),
);

Deno.test(
  "with a card the GPU build comes before the CPU build, with what is to be opened first",
  unix,
  () =>
    withFiles(
      [GPU_CUDART, ...[main, framework!].flatMap((name) => [join(GPU, name), join(CPU, name)])],
      (folder) =>
        withEnvironment({ THAW_CACHE: folder, THAW_LIBTENSORFLOW: undefined }, async () => {
          const manifest = { tensorflow: "2.21.0", cuda: 12, preload: ["nvidia/cuda_runtime/lib/libcudart.so.12"] };
          await Deno.writeTextFile(join(folder, GPU, "gpu.json"), JSON.stringify(manifest));
          const { library } = await findLibrary(driver);
          assertEquals(library, {
            place: "thaw's cache (GPU)",
            main: join(folder, GPU, main),
            framework: join(folder, GPU, framework!),
            preload: [join(folder, GPU_CUDART)],
          });
          const without = await findLibrary("there is no NVIDIA driver");
          assertEquals(without.library?.main, join(folder, CPU, main));
          assertEquals(without.misses[1], { place: "thaw's cache (GPU)", reason: "there is no NVIDIA driver" });
        }),
    ),
);

Deno.test(
  "a GPU build that has lost NVIDIA's libraries, or what names them, is news with what to do, and passed by",
  unix,
  () =>
    withFiles(
      [main, framework!].flatMap((name) => [join(GPU, name), join(CPU, name)]),
      (folder) =>
        withEnvironment({ THAW_CACHE: folder, THAW_LIBTENSORFLOW: undefined }, async () => {
          const torch = "/torch/nvidia/cuda_runtime/lib/libcudart.so.12", manifest = join(folder, GPU, "gpu.json");
          const newsOf = async (text: string, from: typeof driver | string) => {
            await Deno.writeTextFile(manifest, text);
            const { library, misses } = await findLibrary(from);
            assertEquals(library?.main, join(folder, CPU, main));
            return misses.filter(isNews).map(({ reason }) => reason);
          };
          const lost = JSON.stringify({ tensorflow: "2.21.0", cuda: 12, preload: [torch] });
          assertEquals(await newsOf(lost, driver), [
            `there is no ${torch} any more, which it was set up with; run \`deno task setup --gpu\` again`,
          ]);
          assertEquals(await newsOf(lost, "there is no NVIDIA driver"), []); // it would open none
          assertEquals(await newsOf("{", driver), [
            `Cannot use ${manifest}: expected {"tensorflow": "2.21.0", "cuda": 12, "preload": [paths]}, found {; run ` +
            "`deno task setup --gpu` again",
          ]);
        }),
    ),
);

Deno.test("a GPU build that is all there is computes without a card", unix, () =>
  withFiles(
    [main, framework!].map((name) => join(GPU, name)),
    (folder) =>
      withEnvironment({ THAW_CACHE: folder, THAW_LIBTENSORFLOW: undefined }, async () => {
        const { library, misses } = await findLibrary("there is no NVIDIA driver");
        assertEquals(library?.main, join(folder, GPU, main));
        assertEquals(misses.map(({ place }) => place), ["THAW_LIBTENSORFLOW", "thaw's cache (GPU)", "thaw's cache"]);
      }),
  ));

Deno.test("with a card, NVIDIA's packages beside a Python's TensorFlow are opened first", unix, () =>
  withFiles(
    [join("tensorflow", main), join("tensorflow", framework!), "nvidia/cudnn/lib/libcudnn.so.9"],
    (folder) =>
      withEnvironment({ THAW_LIBTENSORFLOW: undefined, THAW_CACHE: folder, PATH: folder }, async () => {
        await Deno.writeTextFile(join(folder, "python3"), `#!/bin/sh\necho ${folder}/tensorflow\n`, { mode: 0o755 });
        const cudnn = join(folder, "nvidia/cudnn/lib/libcudnn.so.9");
        assertEquals((await findLibrary(driver)).library?.preload, [cudnn]);
        assertEquals((await findLibrary("there is no NVIDIA driver")).library?.preload, undefined);
        const cudart = join(folder, "nvidia/cu13/lib/libcudart.so.13"); // that cuDNN is for CUDA 13
        await Deno.mkdir(join(cudart, ".."), { recursive: true });
        await Deno.writeTextFile(cudart, "");
        assertEquals((await findLibrary(driver)).library?.preload, [cudart, cudnn]);
      }),
  ));

Deno.test("a place that was named, and a library that cannot be used, are news", () => {
  const miss = (place: string, reason: string) => ({ place, reason });
  assertEquals(isNews(miss("THAW_LIBTENSORFLOW", "not set")), false);
  assertEquals(isNews(miss("THAW_LIBTENSORFLOW", "there is no /nowhere")), true);
  assertEquals(isNews(miss("thaw's cache", "there is no /nowhere")), false);
  assertEquals(isNews({ ...miss("thaw's cache", "Cannot open it"), unusable: true }), true);
});
