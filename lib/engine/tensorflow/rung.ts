import { wholeNumber } from "../environment.ts";
import type { Precision } from "../precision.ts";
import { type Rung, setBackend } from "../rung.ts";
import type { TensorflowBackend } from "./backend.ts";
import { askDriver, type Driver } from "./gpu/driver.ts";
import { cardFacts, multipliesBfloat16 } from "./gpu/facts.ts";
import { isNews, type Library, lookAround, type Miss } from "./library.ts";
import { MissingLibraryError } from "./missing.ts";
import { setTensorFloat32, tensorFloat32 } from "./tensor_float_32.ts";

/** What changes the precision of the TensorFlow that has started. */
let computeIn: ((precision: Precision) => void) | undefined;

/** libtensorflow: tens of times as fast as the rungs below it. */
export const tensorflow: Rung = {
  name: "tensorflow",
  async start() {
    const threads = wholeNumber("THAW_THREADS", "a number of threads", 1);
    const driver = askDriver();
    const { backend, library, misses } = await startFirst(driver, threads);
    for (const { place, reason } of misses.filter(isNews)) {
      console.error(`Cannot use ${place}: ${reason}; taken instead: ${library.main}`);
    }
    const { registerKernels } = await import("./kernels/mod.ts");
    await setBackend("tensorflow");
    registerKernels(backend);
    const { binding } = backend;
    const card = cardFacts(driver, binding.isUsingGpuDevice(), library, backend.gpuFailure);
    // Who has set up a GPU build where there is a card expects it to compute.
    if (typeof driver !== "string" && card.noCard && library.preload) {
      console.error(`thaw computes on the CPU: ${card.noCard}`);
    }
    binding.multipliesBfloat16 = binding.isUsingGpuDevice() && multipliesBfloat16(card.card);
    const switchOfTf32 = tensorFloat32(library);
    computeIn = (precision) => {
      setTensorFloat32(precision === "tf32", switchOfTf32, binding.isUsingGpuDevice());
      binding.autocast = precision === "bfloat16";
    };
    return {
      device: binding.device,
      version: `TensorFlow ${binding.TF_Version}`,
      library: library.main,
      threads: threads ?? navigator.hardwareConcurrency,
      gpu: binding.isUsingGpuDevice(),
      ...card,
      misses,
    };
  },
  setPrecision(precision) {
    computeIn!(precision);
  },
};

/** Starts TensorFlow with the first library that there is and that can be opened. */
async function startFirst(
  driver: Driver | string,
  threads?: number,
): Promise<{ backend: TensorflowBackend; library: Library; misses: Miss[] }> {
  const misses: Miss[] = [];
  for await (const sighting of lookAround(driver)) {
    if ("reason" in sighting) {
      misses.push(sighting);
      continue;
    }
    const { startTensorflow } = await import("./backend.ts");
    const { library } = sighting;
    try {
      // Without a card NVIDIA's libraries would take time and memory for nothing.
      const preload = typeof driver === "string" ? undefined : library.preload;
      const backend = startTensorflow({ ...library, preload }, threads, typeof driver !== "string");
      return { backend, library, misses };
    } catch (error) {
      misses.push({ place: sighting.place, reason: (error as Error).message, unusable: true });
    }
  }
  throw new MissingLibraryError(misses);
}
