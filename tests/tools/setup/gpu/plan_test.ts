import { assertEquals } from "@std/assert";
import { BUILDS } from "../../../../tools/setup/gpu/builds.ts";
import { choosePlans, describePlan, type Plan, type Wish } from "../../../../tools/setup/gpu/plan.ts";
import type { PackageFolder } from "../../../../tools/setup/gpu/installed.ts";
import type { Driver } from "../../../../lib/engine/tensorflow/gpu/driver.ts";
import { CUDA_12, CUDA_13, driverFor, fakePackages, TORCH_12, TORCH_13 } from "./fakes.ts";
import { withFolder } from "../../../folders.ts";

const SYSTEM = "linux-x86_64";
const NO_DRIVER = "there is no NVIDIA driver (libcuda.so.1 was not found)";

function choose(driver: Driver | string, wish: Wish = "fitting", folders: PackageFolder[] = [], system = SYSTEM) {
  return choosePlans(wish, { driver, folders, system });
}

/** The builds that are tried, in order; or why none is. */
function names(chosen: Plan[] | string): string[] | string {
  return typeof chosen === "string" ? chosen : chosen.map(({ build }) => build.name);
}

Deno.test("the build is the one for the driver's CUDA; a driver for CUDA 13 takes CUDA 12's as well", () => {
  assertEquals(names(choose(driverFor("12.0", "8.0"))), ["cuda12"]);
  assertEquals(names(choose(driverFor("12.9", "9.0"))), ["cuda12"]);
  assertEquals(names(choose(driverFor("13.0", "9.0"))), ["cuda13", "cuda12"]);
  assertEquals(names(choose(driverFor("13.4", "12.0"))), ["cuda13", "cuda12"]);
});

Deno.test("a card that is too old for CUDA 13's libraries gets CUDA 12's; the oldest card decides", () => {
  assertEquals(names(choose(driverFor("13.0", "7.0"))), ["cuda12"]);
  assertEquals(names(choose(driverFor("13.0", "12.0", "6.1"))), ["cuda12"]);
  assertEquals(names(choose(driverFor("13.0", "5.2", "9.0"))), ["cuda13", "cuda12"]); // no TensorFlow computes on the first
  assertEquals(
    names(choose(driverFor("12.4", "5.2"))),
    "NVIDIA card 5.2 has compute capability 5.2, TensorFlow's GPU builds need 6.0; thaw computes on the CPU",
  );
});

Deno.test("where no build will do, why, and what to do", () => {
  assertEquals(
    choose(driverFor("11.4", "8.0")),
    "NVIDIA's driver takes CUDA 11.4 at most, TensorFlow's GPU builds need 12.0: update it to 525 or newer; " +
      "until then thaw computes on the CPU",
  );
  assertEquals(
    choose(NO_DRIVER),
    `${NO_DRIVER}; thaw computes on the CPU. For a machine whose card comes later there are --gpu=cuda12 and --gpu=cuda13`,
  );
  for (const wish of ["fitting", "cuda12"] as const) {
    assertEquals(
      choose("TensorFlow has GPU builds for Linux only", wish, [], "darwin-aarch64"),
      "TensorFlow has no GPU build for darwin aarch64; thaw computes on the CPU",
    );
  }
});

Deno.test("a build that is asked for by name is taken whatever is here, but for a driver that does not take it", () => {
  assertEquals(names(choose(NO_DRIVER, "cuda12")), ["cuda12"]);
  assertEquals(names(choose(NO_DRIVER, "cuda13")), ["cuda13"]);
  assertEquals(names(choose(driverFor("13.0", "9.0"), "cuda12")), ["cuda12"]);
  assertEquals(
    choose(driverFor("12.4", "9.0"), "cuda13"),
    "NVIDIA's driver takes CUDA 12.4 at most, TensorFlow's build for CUDA 13 needs 13.0: update it to 580 or newer; " +
      "until then thaw computes on the CPU",
  );
});

Deno.test("what an installed torch brought is not fetched, and decides between builds that fit", () =>
  withFolder(async (folder) => {
    const torch12 = [await fakePackages(`${folder}/12`, CUDA_12, TORCH_12)];
    const torch13 = [await fakePackages(`${folder}/13`, CUDA_13, TORCH_13)];
    const driver = driverFor("13.0", "9.0");
    assertEquals(names(choose(driver, "fitting", torch12)), ["cuda12", "cuda13"]);
    assertEquals(names(choose(driver, "fitting", torch13)), ["cuda13", "cuda12"]);

    const [plan] = choose(driver, "fitting", torch12) as Plan[];
    assertEquals(plan.wheels, []);
    assertEquals(plan.installed.map(({ part }) => part), ["CUDA", "cuDNN"]);
    assertEquals(plan.download, BUILDS[0].tensorflow.bytes);
  }));

Deno.test("the sizes are told: what is downloaded, and what stays on disk", () =>
  withFolder(async (folder) => {
    const [plan] = choose(driverFor("12.4", "9.0")) as Plan[];
    assertEquals(
      describePlan(plan),
      "TensorFlow 2.21.0 for CUDA 12 with NVIDIA's libraries (download 2899 MB in 9 files, on disk 4457 MB)",
    );
    const torch = [await fakePackages(folder, CUDA_12, TORCH_12)];
    const [small] = choose(driverFor("12.4", "9.0"), "fitting", torch) as Plan[];
    assertEquals(
      describePlan(small),
      "TensorFlow 2.21.0 for CUDA 12 (download 572 MB, on disk 1259 MB); " +
        `NVIDIA's CUDA is used where it is, in ${folder}; NVIDIA's cuDNN is used where it is, in ${folder}`,
    );
  }));

Deno.test("every file is named with its hash and its size, and one build's libraries have no name twice", () => {
  for (const { tensorflow, nvidia } of BUILDS) {
    for (const { sha256, bytes } of [tensorflow, ...nvidia]) {
      assertEquals([sha256.length, bytes > 1e6], [64, true]);
    }
    const paths = nvidia.flatMap(({ files }) => Object.keys(files));
    assertEquals(new Set(paths).size, paths.length);
  }
});
