import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { BUILDS } from "../../../../tools/setup/gpu/builds.ts";
import { installedParts, packageFolders } from "../../../../tools/setup/gpu/installed.ts";
import { CUDA_12, CUDA_13, fakePackages, TORCH_12, TORCH_13 } from "./fakes.ts";
import { withFolder } from "../../../folders.ts";

const [CU12, CU13] = BUILDS;

/** Which parts are used, and from where. */
function used(...args: Parameters<typeof installedParts>) {
  return installedParts(...args).map(({ part, folder }) => [part, folder]);
}

Deno.test("NVIDIA's packages beside a torch are found through its Python, with their versions", () =>
  withFolder(async (folder) => {
    await fakePackages(folder, CUDA_12, {});
    const info = join(folder, "nvidia_cudnn_cu12-9.10.2.21.dist-info");
    await Deno.mkdir(info);
    await Deno.writeTextFile(
      join(info, "METADATA"),
      "Metadata-Version: 2.1\nName: nvidia-cudnn-cu12\nVersion: 9.10.2.21\n",
    );
    const before = Deno.env.get("PYTHONPATH");
    Deno.env.set("PYTHONPATH", folder);
    try {
      const found = (await packageFolders()).filter((found) => found.folder === folder);
      assertEquals(found, [{ folder, versions: { "nvidia-cudnn-cu12": "9.10.2.21" } }]);
    } finally {
      if (before === undefined) Deno.env.delete("PYTHONPATH");
      else Deno.env.set("PYTHONPATH", before);
    }
  }));

Deno.test("each build takes the libraries of its CUDA, in the order in which they are opened", () =>
  withFolder(async (folder) => {
    const torch = await fakePackages(folder, CUDA_12, TORCH_12);
    assertEquals(installedParts(CU12, [torch]), [
      { part: "CUDA", folder, files: Object.values(CUDA_12).flat().slice(0, -1).map((path) => join(folder, path)) },
      { part: "cuDNN", folder, files: [join(folder, "nvidia/cudnn/lib/libcudnn.so.9")] },
    ]);
    assertEquals(installedParts(CU13, [torch]), []); // cuDNN has one name for both, but is not one
    assertEquals(used(CU13, [await fakePackages(`${folder}/13`, CUDA_13, TORCH_13)]), [
      ["CUDA", `${folder}/13`],
      ["cuDNN", `${folder}/13`],
    ]);
  }));

Deno.test("a part that is older than TensorFlow asks for is not taken, nor one that lacks a library", () =>
  withFolder(async (folder) => {
    const torch = await fakePackages(folder, CUDA_12, TORCH_12);
    const older = (name: string, version: string) => ({ ...torch, versions: { ...TORCH_12, [name]: version } });
    assertEquals(used(CU12, [older("nvidia-cudnn-cu12", "9.1.0.70")]), [["CUDA", folder]]);
    assertEquals(used(CU12, [older("nvidia-cusparse-cu12", "12.1.0.106")]), [["cuDNN", folder]]);
    await Deno.remove(join(folder, CUDA_12["nvidia-nvjitlink-cu12"]));
    assertEquals(used(CU12, [torch]), [["cuDNN", folder]]);
  }));

Deno.test("of several folders the first that has a part gives it", () =>
  withFolder(async (folder) => {
    const whole = await fakePackages(`${folder}/whole`, CUDA_12, TORCH_12);
    const { "nvidia-cudnn-cu12": cudnn } = CUDA_12;
    const onlyCudnn = await fakePackages(`${folder}/cudnn`, { cudnn }, { "nvidia-cudnn-cu12": "9.20.0.48" });
    assertEquals(used(CU12, [onlyCudnn, whole]), [["CUDA", `${folder}/whole`], ["cuDNN", `${folder}/cudnn`]]);
    assertEquals(used(CU12, []), []);
  }));
