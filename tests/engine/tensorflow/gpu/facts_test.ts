import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { cardFacts, multipliesBfloat16 } from "../../../../lib/engine/tensorflow/gpu/facts.ts";
import { writeManifest } from "../../../../lib/engine/tensorflow/gpu/manifest.ts";

const card = { name: "NVIDIA H100", memoryBytes: 80 * 1024 ** 3, computeCapability: "9.0" };
const driver = { cuda: "13.0", path: "libcuda.so.1", cards: [card, { ...card, name: "another" }] };

Deno.test("the card that computes is the first, with the driver's version", () => {
  const { cuda, ...facts } = cardFacts(driver, true, { place: "here", main: "libtensorflow_cc.so.2" });
  assertEquals(facts, { card });
  assertEquals(cuda?.driver, "13.0");
});

Deno.test("a card that idles has its reason: no driver, a build for CPUs, or TensorFlow's own", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const library = { place: "here", main: join(folder, "libtensorflow_cc.so.2") };
    assertEquals(cardFacts("there is no NVIDIA driver", false, library), { noCard: "there is no NVIDIA driver" });
    assertEquals(cardFacts(driver, false, library), {
      noCard: "there is a card, NVIDIA H100, that does not compute: this TensorFlow is for CPUs only; " +
        "`deno task setup --gpu` brings one for the card",
    });
    assertEquals(cardFacts(driver, false, library, "Cannot start TensorFlow: out of memory"), {
      noCard: "there is a card, NVIDIA H100, that does not compute: Cannot start TensorFlow: out of memory",
    });
    const installed = { ...library, place: "python3", preload: ["libcudart.so.12"] }; // NVIDIA's are beside it
    assertEquals(cardFacts(driver, false, installed, undefined, () => true), {
      noCard: "there is a card, NVIDIA H100, that does not compute: python3's TensorFlow found no use for it; " +
        "with TF_CPP_MIN_LOG_LEVEL=0 in the environment it says why",
    });
    await writeManifest(folder, { tensorflow: "2.21.0", cuda: 12, preload: [] });
    assertEquals(cardFacts(driver, false, library, undefined, () => true), {
      noCard:
        "there is a card, NVIDIA H100, that does not compute: TensorFlow 2.21.0 for CUDA 12 found no use for it; " +
        "with TF_CPP_MIN_LOG_LEVEL=0 in the environment it says why",
    });
    assertEquals(cardFacts(driver, false, library, undefined, (name) => name !== "libnvidia-ml.so.1"), {
      noCard: "there is a card, NVIDIA H100, that does not compute: TensorFlow 2.21.0 for CUDA 12 needs " +
        "libnvidia-ml.so.1 of NVIDIA's driver, which was not found; for a container NVIDIA_DRIVER_CAPABILITIES has to " +
        "have utility beside compute",
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("cards from compute capability 8.0 on multiply bfloat16", () => {
  const of = (computeCapability: string) => multipliesBfloat16({ ...card, computeCapability });
  assertEquals(["6.0", "7.5", "8.0", "9.0", "10.0", "12.0"].map(of), [false, false, true, true, true, true]);
  assertEquals(multipliesBfloat16(undefined), true);
});
