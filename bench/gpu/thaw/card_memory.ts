/** NVIDIA's management library; it tells of memory without using any. */
const LIBRARY = "libnvidia-ml.so.1";

/**
 * The bytes that all programs together take of the first card's memory; undefined where nobody can tell.
 *
 * TensorFlow's C library does not say how much it took, and in a container the card does not know our process's number.
 */
export function cardMemoryInUse(library = LIBRARY): number | undefined {
  let nvml;
  try {
    nvml = Deno.dlopen(library, {
      nvmlInit_v2: { parameters: [], result: "i32" },
      nvmlDeviceGetHandleByIndex_v2: { parameters: ["u32", "buffer"], result: "i32" },
      nvmlDeviceGetMemoryInfo: { parameters: ["pointer", "buffer"], result: "i32" },
      nvmlShutdown: { parameters: [], result: "i32" },
    });
  } catch {
    return undefined; // no driver
  }
  const { nvmlInit_v2, nvmlDeviceGetHandleByIndex_v2, nvmlDeviceGetMemoryInfo, nvmlShutdown } = nvml.symbols;
  try {
    if (nvmlInit_v2() !== 0) return undefined;
    const handle = new BigUint64Array(1), memory = new BigUint64Array(3); // total, free, used
    const told = nvmlDeviceGetHandleByIndex_v2(0, handle) === 0 &&
      nvmlDeviceGetMemoryInfo(Deno.UnsafePointer.create(handle[0]), memory) === 0;
    nvmlShutdown();
    return told ? Number(memory[2]) : undefined;
  } finally {
    nvml.close();
  }
}
