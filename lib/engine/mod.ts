/**
 * The engine: which of tfjs's backends computes, found when this is imported. No other room knows a backend's name.
 *
 * @module
 */
import "./gradients.ts";
import { climb, take } from "./ladder.ts";
import { readPrecision } from "./precision.ts";
import type { EngineReport } from "./report.ts";
import { type RungName, setBackend } from "./rung.ts";

export { type MemoryInUse, memoryInUse, releaseForgotten } from "./memory.ts";
export { type Precision, precision, precisionNote, usePrecision } from "./precision.ts";
export { manualSeed } from "./random.ts";
export { EngineReport, type RungReport } from "./report.ts";
export type { RungName } from "./rung.ts";
export type { Card } from "./tensorflow/gpu/driver.ts";
export type { CudaVersions } from "./tensorflow/gpu/versions.ts";
export { explainUnsupported } from "./unsupported.ts";

const wanted = Deno.env.get("THAW_ENGINE");

readPrecision();

let current: EngineReport = wanted ? await take(wanted, "THAW_ENGINE") : await climb();

/**
 * What computes: the backend, its device, library and threads, and why each faster rung of the ladder was not taken. In a
 * notebook it shows itself as a table.
 *
 * The ladder is tensorflow (its GPU build, then its CPU build), webgpu (where there is a graphics card), wasm, cpu.
 * `THAW_ENGINE` or {@linkcode useEngine} choose.
 *
 * @example
 * ```ts
 * import { engine } from "thaw";
 * import { assert } from "@std/assert";
 *
 * const { backend, threads } = engine();
 * assert(["tensorflow", "webgpu", "wasm", "cpu"].includes(backend) && threads >= 1);
 * ```
 */
export function engine(): EngineReport {
  return current;
}

/**
 * Computes with one rung of the ladder from here on. Tensors that there are move to it when they are next used.
 *
 * @param name `tensorflow`, `webgpu`, `wasm` or `cpu`
 * @returns what computes now
 * @throws RangeError when no rung has this name; Error with the reason when it cannot be used here
 *
 * @example
 * ```ts
 * import { engine, useEngine } from "thaw";
 * import { assertEquals } from "@std/assert";
 *
 * const before = engine().backend;
 * assertEquals((await useEngine("cpu")).backend, "cpu");
 * await useEngine(before);
 * ```
 */
export async function useEngine(name: RungName): Promise<EngineReport> {
  try {
    return current = await take(name, "useEngine");
  } catch (error) {
    await setBackend(current.backend); // one that failed half-way may have taken its place
    throw error;
  }
}

/** How many bytes the memory has that tensors lie in: the card's where a card computes, else the machine's. */
export function tensorMemory({ card }: Pick<EngineReport, "card"> = current): number {
  return card?.memoryBytes ?? Deno.systemMemoryInfo().total;
}
