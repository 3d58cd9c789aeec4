import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { askDriver } from "../../../../lib/engine/tensorflow/gpu/driver.ts";
import { findLibrary } from "../../../../lib/engine/tensorflow/library.ts";
import { tryComputing, tryOpening } from "../../../../tools/setup/gpu/trial.ts";
import { FAKE_DRIVER, onLinux } from "../../../engine/tensorflow/gpu/fake_driver.ts";
import { withFolder } from "../../../folders.ts";

/** It is linked to libcudart.so.12; see opens_cuda_12.c. */
const OPENS_CUDA_12 = fileURLToPath(new URL("opens_cuda_12.so", import.meta.url));
const RUNTIME = "nvidia/cuda_runtime/lib/libcudart.so.12";

/** A folder with a framework and a CUDA runtime (any library of that name will do). */
async function fakeBuild(folder: string, framework: string) {
  await Deno.mkdir(dirname(join(folder, RUNTIME)), { recursive: true });
  await Deno.copyFile(FAKE_DRIVER, join(folder, RUNTIME));
  await Deno.copyFile(framework, join(folder, "libtensorflow_framework.so.2"));
  return { tensorflow: "2.21.0", cuda: 12, preload: [RUNTIME] };
}

Deno.test("a build that opens the CUDA runtime beside it passes", onLinux, () =>
  withFolder(async (folder) => {
    await tryOpening(folder, await fakeBuild(folder, OPENS_CUDA_12));
  }));

Deno.test("a build that opens none, or another, is told", onLinux, () =>
  withFolder(async (folder) => {
    const manifest = await fakeBuild(folder, FAKE_DRIVER); // a library that opens nothing
    const none = await assertRejects(() => tryOpening(folder, manifest), Error);
    assertEquals(
      none.message,
      `Cannot use TensorFlow 2.21.0 for CUDA 12: expected it to open ${join(folder, RUNTIME)}, found that it opens ` +
        "none of CUDA's",
    );

    const elsewhere = join(folder, "elsewhere", "libcudart.so.12");
    await fakeBuild(folder, OPENS_CUDA_12);
    await Deno.mkdir(dirname(elsewhere));
    await Deno.rename(join(folder, RUNTIME), elsewhere);
    const beside = join(dirname(join(folder, RUNTIME)), "libcudart.so.12.9"); // what the manifest names
    await Deno.copyFile(FAKE_DRIVER, beside);
    await Deno.symlink(elsewhere, join(folder, RUNTIME)); // what TensorFlow finds
    const another = await assertRejects(() => tryOpening(folder, { ...manifest, preload: [beside] }), Error);
    assertEquals(
      another.message,
      `Cannot use TensorFlow 2.21.0 for CUDA 12: expected it to open ${beside}, found that it opens ${elsewhere}`,
    );
  }));

Deno.test("a build that cannot be loaded, and one without a CUDA runtime", onLinux, () =>
  withFolder(async (folder) => {
    const manifest = await fakeBuild(folder, OPENS_CUDA_12);
    await assertRejects(
      () => tryOpening(folder, { ...manifest, preload: [] }),
      Error,
      "Cannot use TensorFlow 2.21.0 for CUDA 12: expected libcudart.so.12, found none",
    );
    await Deno.writeTextFile(join(folder, "libtensorflow_framework.so.2"), "no library");
    await assertRejects(
      () => tryOpening(folder, manifest),
      Error,
      "Cannot open TensorFlow 2.21.0 for CUDA 12: expected it to load, found:\n",
    );
  }));

const { library } = await findLibrary();
const withTensorflow = { ignore: !library || !library.main.includes("libtensorflow_cc") };
const withoutCard = { ignore: withTensorflow.ignore || typeof askDriver() !== "string" };
const MANIFEST = { tensorflow: "2.21.0", cuda: 12, preload: [] };

Deno.test("the engine computes with what is tried: a product and a convolution", withTensorflow, async () => {
  const found = await tryComputing(dirname(library!.main), MANIFEST);
  assertEquals(found.startsWith("computes on "), true, found);
});

Deno.test("where a card is and does not compute, the engine's reason is told", withoutCard, async () => {
  const error = await assertRejects(() => tryComputing(dirname(library!.main), MANIFEST, "NVIDIA H100"), Error);
  assertEquals(
    error.message.split("\n")[0],
    "Cannot use TensorFlow 2.21.0 for CUDA 12: expected it to compute on NVIDIA H100, found CPU:0: " + askDriver(),
  );
});

Deno.test(
  "a build that the engine cannot open is told, with its reason",
  withTensorflow,
  () =>
    withFolder(async (folder) => {
      const names = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"].map((name) => join(folder, name));
      for (const name of names) await Deno.writeTextFile(name, "no library");
      const error = await assertRejects(() => tryComputing(folder, MANIFEST), Error);
      // The engine goes on to the next library that there is, if there is one.
      assertEquals(error.message.startsWith("Cannot use TensorFlow 2.21.0 for CUDA 12: expected "), true);
      assertMatch(error.message, /Cannot open \S*libtensorflow_framework\.so\.2: /);
    }),
);
