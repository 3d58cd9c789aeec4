import * as tf from "@tensorflow/tfjs";
import { collect, giveBack, liveBytes, reclaim, take, turn } from "./budget.ts";

/** How a backend keeps the data of tensors. */
export interface Upkeep<D> {
  /** What tfjs knows of a tensor with such data. */
  describe(data: D): { dtype: tf.DataType; size: number };
  /** Frees memory outside JavaScript's; absent where a backend has none. */
  free?(data: D): void;
}

/**
 * Frees the data of tensors that nobody holds any more. tfjs frees a tensor only when it is disposed; in a notebook
 * nobody does that.
 *
 * @param storage where the backend keeps data, by the object that identifies it in tensors
 */
export function freeForgotten<D extends { refCount: number }>(storage: tf.DataStorage<D>, upkeep: Upkeep<D>): void {
  const bytes = (data: D) => upkeep.free ? tfjsBytes(upkeep.describe(data)) : 0;
  const forgotten = new FinalizationRegistry<D>((data) => {
    upkeep.free?.(data);
    reclaim(bytes(data));
    uncount(upkeep.describe(data), data.refCount);
  });
  const set = storage.set.bind(storage), remove = storage.delete.bind(storage);
  storage.set = (dataId, data) => {
    set(dataId, data);
    // The data must not lead back to its id, or nobody would ever be found to have forgotten it.
    forgotten.register(dataId, data, dataId);
    take(bytes(data));
  };
  storage.delete = (dataId) => {
    if (storage.has(dataId)) giveBack(bytes(storage.get(dataId)));
    forgotten.unregister(dataId);
    return remove(dataId);
  };
}

/** Memory that tensors take: how many tensors tfjs counts, and bytes outside JavaScript's own memory. */
export interface MemoryInUse {
  tensors: number;
  bytes: number;
}

/**
 * The memory that tensors take at the moment, forgotten ones that were not freed yet among them.
 *
 * @example
 * ```ts
 * import { memoryInUse } from "thaw";
 *
 * console.log(memoryInUse()); // { tensors: 0, bytes: 0 }
 * ```
 */
export function memoryInUse(): MemoryInUse {
  return { tensors: tf.memory().numTensors, bytes: liveBytes() };
}

/**
 * Frees tensors that nobody holds any more, now. The engine does so by itself whenever their memory has grown by
 * `THAW_GC_BYTES`; a program that measures memory may want it at once.
 *
 * @example
 * ```ts
 * import { releaseForgotten } from "thaw";
 *
 * await releaseForgotten();
 * ```
 */
export async function releaseForgotten(): Promise<void> {
  collect();
  await turn();
}

/** Takes forgotten tensors out of tfjs's own counts: `tensors` of them, which share their data. */
function uncount({ dtype, size }: { dtype: tf.DataType; size: number }, tensors: number): void {
  const { state } = tf.engine();
  state.numTensors -= tensors;
  state.numDataBuffers -= 1;
  if (dtype === "string") state.numStringTensors -= tensors;
  else state.numBytes -= tensors * tfjsBytes({ dtype, size });
}

/** Bytes as tfjs counts them: none for strings, nor for complex numbers, whose parts it counts. */
function tfjsBytes({ dtype, size }: { dtype: tf.DataType; size: number }): number {
  return dtype === "string" || dtype === "complex64" ? 0 : size * tf.util.bytesPerElement(dtype);
}
