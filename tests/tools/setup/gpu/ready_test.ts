import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { writeManifest } from "../../../../lib/engine/tensorflow/gpu/manifest.ts";
import { whatComputes } from "../../../../tools/setup/gpu/ready.ts";
import { driverFor } from "./fakes.ts";
import { withFolder } from "../../../folders.ts";

const NO_DRIVER = "there is no NVIDIA driver (libcuda.so.1 was not found)";
const CPU_BUILD = { place: "thaw's cache", main: "/cache/libtensorflow_cc.so.2" };

Deno.test("what computes is said, and what a card here would need", () => {
  assertEquals(whatComputes(NO_DRIVER), "It computes with WebGPU or wasm: there is no TensorFlow here.");
  assertEquals(whatComputes(NO_DRIVER, CPU_BUILD), "It computes with TensorFlow on the CPU.");
  assertEquals(
    whatComputes(driverFor("12.4", "9.0"), CPU_BUILD),
    "It computes with TensorFlow on the CPU. There is a card, NVIDIA card 9.0 (80.0 GiB): deno task setup --gpu brings what " +
      "computes on it.",
  );
});

Deno.test("a GPU build computes on the card, and on the CPU where there is none", () =>
  withFolder(async (folder) => {
    await writeManifest(folder, { tensorflow: "2.21.0", cuda: 12, preload: [] });
    const library = { place: "thaw's cache (GPU)", main: join(folder, "libtensorflow_cc.so.2"), preload: [] };
    const on = "It computes with TensorFlow 2.21.0 for CUDA 12 on the";
    assertEquals(whatComputes(driverFor("12.4", "9.0"), library), `${on} NVIDIA card 9.0 (80.0 GiB).`);
    assertEquals(
      whatComputes(driverFor("13.0", "12.0"), library),
      `${on} NVIDIA card 12.0 (80.0 GiB). The first start takes minutes: the driver makes TensorFlow's kernels for this ` +
        "card then, and keeps them.",
    );
    assertEquals(whatComputes(NO_DRIVER, library), `${on} CPU: ${NO_DRIVER}.`);
  }));
