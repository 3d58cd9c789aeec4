import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { packLibrary } from "../../../../bench/gpu/pack/library.ts";
import { readManifest } from "../../../../lib/engine/tensorflow/gpu/manifest.ts";

/** A folder with two libraries of a build, and NVIDIA's in another place. */
async function withBuild(test: (build: string, to: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const files = {
      "build/libtensorflow_cc.so.2": "cc",
      "build/libtensorflow_framework.so.2": "framework",
      "torch/nvidia/cudnn/lib/libcudnn.so.9": "cudnn",
      "torch/nvidia/cudnn/lib/libcudnn_ops.so.9": "opened by cudnn itself",
      "torch/nvidia/cudnn/lib/readme.txt": "not wanted",
      "torch/nvidia/cublas/lib/libcublas.so.12": "cublas",
    };
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    await test(join(folder, "build"), join(folder, "packed"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeManifest(build: string): Promise<void> {
  const preload = ["../torch/nvidia/cublas/lib/libcublas.so.12", "../torch/nvidia/cudnn/lib/libcudnn.so.9"];
  await Deno.writeTextFile(join(build, "gpu.json"), JSON.stringify({ tensorflow: "2.21.0", cuda: 12, preload }));
}

Deno.test("a build is packed with a manifest that has to be filled in there", () =>
  withBuild(async (build, to) => {
    await writeManifest(build);
    const lines: string[] = [];
    await packLibrary({ from: build, to, withNvidia: false }, (line) => lines.push(line));
    assertEquals(readManifest(to), { tensorflow: "2.21.0", cuda: 12, preload: [] });
    assertEquals(await Deno.readTextFile(join(to, "libtensorflow_framework.so.2")), "framework");
    assertEquals(lines.map((line) => line.split(":")[0]), ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]);
  }));

Deno.test("NVIDIA's libraries go along with what lies beside them, and are opened from the pack in their order", () =>
  withBuild(async (build, to) => {
    await writeManifest(build);
    await packLibrary({ from: build, to, withNvidia: true }, () => {});
    const { preload } = readManifest(to)!;
    assertEquals(preload.map((path) => path.slice(to.length)), [
      "/nvidia/0/lib/libcublas.so.12",
      "/nvidia/1/lib/libcudnn.so.9",
    ]);
    assertEquals(preload.map((path) => Deno.readTextFileSync(path)), ["cublas", "cudnn"]);
    assertEquals([...Deno.readDirSync(join(to, "nvidia", "1", "lib"))].map(({ name }) => name).sort(), [
      "libcudnn.so.9",
      "libcudnn_ops.so.9",
    ]);
  }));

Deno.test("what is no GPU build is refused, and how to get one is said", () =>
  withBuild(async (build, to) => {
    const how =
      "`deno task setup --gpu=cuda12` or `--gpu=cuda13` makes one, also where there is no card; --library names " +
      "its folder";
    const pack = (from: string) => packLibrary({ from, to, withNvidia: false }, () => {});
    await assertRejects(
      () => pack(build),
      Error,
      `Cannot pack: expected a GPU build of TensorFlow with its gpu.json, found that there is no gpu.json in ${build}. ${how}`,
    );
    const none = join(build, "none");
    await assertRejects(() => pack(none), Error, `found that there is no ${none}. ${how}`);
  }));
