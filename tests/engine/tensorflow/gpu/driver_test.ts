import { assertEquals, assertMatch } from "@std/assert";
import { join } from "node:path";
import { askDriver } from "../../../../lib/engine/tensorflow/gpu/driver.ts";
import { withEnvironment } from "../../environment.ts";
import { FAKE_DRIVER, FAKE_MANAGEMENT_FOLDER, onLinux } from "./fake_driver.ts";

const card = { name: "NVIDIA H100 (fake)", memoryBytes: 80 * 1024 ** 3, computeCapability: "9.0" };

Deno.test(
  "a driver tells its newest CUDA and its cards",
  onLinux,
  () =>
    withEnvironment({ THAW_FAKE_CARDS: "2", THAW_FAKE_CUDA: "13010" }, () => {
      const second = { ...card, memoryBytes: 79 * 1024 ** 3 };
      assertEquals(askDriver(FAKE_DRIVER), { cuda: "13.1", path: FAKE_DRIVER, cards: [card, second] });
    }),
);

Deno.test("the first library that opens is asked", onLinux, () => {
  const places = [join("nowhere", "libcuda.so.1"), FAKE_DRIVER];
  assertEquals(askDriver(places), { cuda: "12.8", path: FAKE_DRIVER, cards: [card] });
});

Deno.test("no driver, or what is no driver, is a reason", onLinux, () => {
  assertEquals(askDriver("nowhere/libcuda.so.1"), "there is no NVIDIA driver (nowhere/libcuda.so.1 was not found)");
  for (const places of ["libm.so.6", ["nowhere/libcuda.so.1", "libm.so.6"]]) {
    assertMatch(
      askDriver(places) as string,
      /^there is no NVIDIA driver \([^ ]*libm\.so\.6: undefined symbol: cu\w+\)$/,
    );
  }
});

Deno.test(
  "where the system does not know the driver's folder, what TensorFlow wants beside it is opened too",
  onLinux,
  async () => {
    const folder = await Deno.realPath(await Deno.makeTempDir());
    try {
      const [driver, management] = ["libcuda.so.1", "libnvidia-ml.so.1"].map((name) => join(folder, name));
      await Deno.copyFile(FAKE_DRIVER, driver);
      await Deno.copyFile(join(FAKE_MANAGEMENT_FOLDER, "libnvidia-ml.so.1"), management);
      const isOpen = async () => (await Deno.readTextFile("/proc/self/maps")).includes(management);
      assertEquals(await isOpen(), false);
      assertEquals(askDriver(driver), { cuda: "12.8", path: driver, cards: [card] });
      assertEquals(await isOpen(), true);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("a container's empty file in the place of a driver is told of", onLinux, async () => {
  const path = await Deno.makeTempFile({ suffix: "libcuda.so.1" });
  try {
    assertEquals(askDriver([path, "nowhere/libcuda.so.1"]), `there is no NVIDIA driver (${path}: file too short)`);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a driver without a card is a reason, and so are cards that are hidden", onLinux, async () => {
  for (const none of [{ THAW_FAKE_INIT: "100" }, { THAW_FAKE_CARDS: "0" }]) {
    await withEnvironment({ ...none, CUDA_VISIBLE_DEVICES: undefined }, () => {
      assertEquals(askDriver(FAKE_DRIVER), "NVIDIA's driver (CUDA 12.8) sees no card");
    });
  }
  await withEnvironment({ THAW_FAKE_INIT: "100", CUDA_VISIBLE_DEVICES: "-1" }, () => {
    assertEquals(
      askDriver(FAKE_DRIVER),
      `NVIDIA's driver (CUDA 12.8) sees no card: CUDA_VISIBLE_DEVICES, which hides cards, is "-1"`,
    );
  });
});

Deno.test("a driver that refuses is a reason, in its own words where it has some", onLinux, async () => {
  await withEnvironment({ THAW_FAKE_INIT: "803" }, () => {
    assertEquals(
      askDriver(FAKE_DRIVER),
      `NVIDIA's driver (${FAKE_DRIVER}) refused to start: ` +
        "system has unsupported display driver / cuda driver combination (error 803)",
    );
  });
  await withEnvironment({ THAW_FAKE_INIT: "999" }, () => {
    assertEquals(askDriver(FAKE_DRIVER), `NVIDIA's driver (${FAKE_DRIVER}) refused to start: error 999`);
  });
});
