import { wholeNumber } from "../environment.ts";
import { type Rung, setBackend } from "../rung.ts";
import { findLibrary, NOT_SET } from "./library.ts";
import { MissingLibraryError } from "./missing.ts";

/** libtensorflow: tens of times as fast as the rungs below it. */
export const tensorflow: Rung = {
  name: "tensorflow",
  async start() {
    const wanted = wholeNumber("THAW_THREADS", "a number of threads", 1);
    const { library, misses } = await findLibrary();
    if (!library) throw new MissingLibraryError(misses);
    const [first] = misses;
    if (first && first.reason !== NOT_SET) {
      console.error(`Cannot use ${first.place}: ${first.reason}; taken instead: ${library.main}`);
    }
    const { startTensorflow } = await import("./backend.ts");
    const { registerKernels } = await import("./kernels/mod.ts");
    const backend = startTensorflow(library, wanted);
    await setBackend("tensorflow");
    registerKernels(backend);
    return {
      device: backend.binding.device,
      version: `TensorFlow ${backend.binding.TF_Version}`,
      library: library.main,
      threads: wanted ?? navigator.hardwareConcurrency,
      gpu: backend.binding.isUsingGpuDevice(),
      misses,
    };
  },
};
