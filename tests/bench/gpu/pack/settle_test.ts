import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { findNvidia } from "../../../../bench/gpu/pack/settle.ts";
import { BUILDS } from "../../../../tools/setup/gpu/builds.ts";
import { PRELOAD_ORDER, SONAMES } from "../../../../lib/engine/tensorflow/gpu/nvidia.ts";

/** A Python's packages with empty files named as NVIDIA's libraries for CUDA 12. */
async function withPackages(test: (folder: string) => void, without: string[] = []): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [stem, end] of Object.entries(SONAMES[12])) {
      if (without.includes(stem)) continue;
      await Deno.mkdir(join(folder, "nvidia", stem, "lib"), { recursive: true });
      await Deno.writeTextFile(join(folder, "nvidia", stem, "lib", `${stem}.so.${end}`), "");
    }
    test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (paths: string[]) => paths.map((path) => path.split("/").at(-1));
const order = PRELOAD_ORDER.map((stem) => `${stem}.so.${SONAMES[12][stem]}`);

/** The least versions that the build is known to compute with. */
function versions(): Record<string, string> {
  const build = BUILDS.find(({ cuda }) => cuda === 12)!;
  return Object.fromEntries(build.nvidia.map(({ name, least }) => [name, least]));
}

Deno.test("a torch's libraries are taken in their order, without a remark where they are new enough", () =>
  withPackages((folder) => {
    const { preload, remarks } = findNvidia(12, [{ folder, versions: versions() }]);
    assertEquals([names(preload), remarks], [order, []]);
  }));

Deno.test("libraries whose versions are not known are taken, with a remark", () =>
  withPackages((folder) => {
    const { preload, remarks } = findNvidia(12, [{ folder, versions: {} }]);
    assertEquals(names(preload), order);
    assertEquals(remarks.map((text) => text.split(":")[0]), [
      "Not known to be new enough for this TensorFlow, but taken",
    ]);
  }));

Deno.test("what is missing is named", () =>
  withPackages((folder) => {
    const { preload, remarks } = findNvidia(12, [{ folder, versions: versions() }]);
    assertEquals(names(preload), order.filter((name) => !/cusolver/.test(name)));
    assertEquals(
      remarks[0],
      "Of NVIDIA's libraries for CUDA 12 there is no libcusolver in the Python's packages: TensorFlow looks where the system " +
        "has its libraries",
    );
  }, ["libcusolver"]));

Deno.test("a Python without any leaves TensorFlow to the system", () => {
  const { preload, remarks } = findNvidia(13, []);
  assertEquals([preload, remarks.length], [[], 1]);
});
