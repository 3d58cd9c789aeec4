import { dirname } from "node:path";
import type { Driver } from "../../../lib/engine/tensorflow/gpu/driver.ts";
import { readManifest } from "../../../lib/engine/tensorflow/gpu/manifest.ts";
import type { Library } from "../../../lib/engine/tensorflow/library.ts";

/** What thaw computes with now, in a sentence, and what would be faster where that is at hand. */
export function whatComputes(driver: Driver | string, library?: Library): string {
  if (!library) return "It computes with WebGPU or wasm: there is no TensorFlow here.";
  const manifest = readManifest(dirname(library.main));
  const tensorflow = manifest ? `TensorFlow ${manifest.tensorflow} for CUDA ${manifest.cuda}` : "TensorFlow";
  if (typeof driver === "string") {
    return `It computes with ${tensorflow} on the CPU${manifest ? `: ${driver}` : ""}.`;
  }
  const [{ name, memoryBytes, computeCapability }] = driver.cards;
  const card = `${name} (${(memoryBytes / 1024 ** 3).toFixed(1)} GiB)`;
  if (!manifest && !library.preload) {
    return `It computes with TensorFlow on the CPU. There is a card, ${card}: deno task setup --gpu brings what computes on it.`;
  }
  const first = Number(computeCapability) >= 10
    ? " The first start takes minutes: the driver makes TensorFlow's kernels for this card then, and keeps them."
    : "";
  return `It computes with ${tensorflow} on the ${card}.${first}`;
}
