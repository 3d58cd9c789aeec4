import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { readManifest, writeManifest } from "../../../../lib/engine/tensorflow/gpu/manifest.ts";
import { withFolder } from "../../../folders.ts";

Deno.test("a manifest's paths are its folder's, or absolute", () =>
  withFolder(async (folder) => {
    const preload = ["nvidia/cuda_runtime/lib/libcudart.so.12", join(folder, "torch", "libcudnn.so.9")];
    await writeManifest(folder, { tensorflow: "2.21.0", cuda: 12, preload });
    assertEquals(readManifest(folder), {
      tensorflow: "2.21.0",
      cuda: 12,
      preload: [join(folder, preload[0]), preload[1]],
    });
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["gpu.json"]);
  }));

Deno.test("a folder without one has none", () =>
  withFolder((folder) => {
    assertEquals(readManifest(folder), undefined);
    assertEquals(readManifest(join(folder, "nothing")), undefined);
  }));

Deno.test("what is no manifest is told of", () =>
  withFolder(async (folder) => {
    const path = join(folder, "gpu.json");
    for (const [text, found] of [["", "nothing"], ["{", "{"], ['{"cuda": 12}', '{"cuda": 12}'], ["null", "null"]]) {
      await Deno.writeTextFile(path, text);
      const error = assertThrows(() => readManifest(folder), Error);
      assertEquals(
        error.message,
        `Cannot use ${path}: expected {"tensorflow": "2.21.0", "cuda": 12, "preload": [paths]}, found ${found}; ` +
          "run `deno task setup --gpu` again",
      );
    }
  }));
