/** What WebGPU computes with, as its driver names it. */
export interface Adapter {
  /** Such as `NVIDIA GeForce RTX 4070`, or `llvmpipe (LLVM 15.0.6, 256 bits)`. */
  name: string;
  /** Whether it is a program on the processor, which does a card's work many times slower. */
  software: boolean;
  gpu: GPUAdapter;
}

/** What is known of an adapter before it is asked for anything. */
export type AdapterFacts = Pick<GPUAdapterInfo, "vendor" | "architecture" | "device" | "description"> & {
  isFallbackAdapter?: boolean;
};

/** Mesa's, Google's and Microsoft's, which not every driver marks as what they are. */
const SOFTWARE = /llvmpipe|lavapipe|softpipe|swiftshader|basic render|software|\bwarp\b/i;

/**
 * Finds the fastest adapter that WebGPU has here.
 *
 * @returns it, or the reason why there is none
 */
export async function findAdapter(): Promise<Adapter | string> {
  const { gpu } = navigator as { gpu?: GPU };
  if (!gpu) return "this Deno has no WebGPU";
  const adapter = await withoutDisplay(() => gpu.requestAdapter({ powerPreference: "high-performance" }));
  if (!adapter) return "no graphics card was found, nor a driver that does without";
  return { gpu: adapter, ...judge(adapter.info) };
}

/** An adapter's name, and whether it is a card or a program. */
export function judge(facts: AdapterFacts): { name: string; software: boolean } {
  const known = [facts.vendor, facts.architecture, facts.device].filter((text) => text && text !== "0");
  const name = facts.description || known.join(" ") || "an adapter without a name";
  return { name, software: facts.isFallbackAdapter === true || SOFTWARE.test(name) };
}

/**
 * Looks for a card where there may be no display. A layer that Mesa puts before Vulkan asks the display which card is its own,
 * and where there is none complains on stderr, past any console. It stays out while this variable is set.
 */
async function withoutDisplay<T>(look: () => Promise<T>): Promise<T> {
  const LAYER_OFF = "NODEVICE_SELECT";
  const { XDG_RUNTIME_DIR, [LAYER_OFF]: set, MESA_VK_DEVICE_SELECT: chosen } = Deno.env.toObject();
  if (XDG_RUNTIME_DIR || set || chosen) return await look();
  Deno.env.set(LAYER_OFF, "1");
  try {
    return await look();
  } finally {
    Deno.env.delete(LAYER_OFF);
  }
}
