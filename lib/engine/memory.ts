import * as tf from "@tensorflow/tfjs";
import { collect, giveBack, liveBytes, reclaim, take, turn } from "./budget.ts";

/** What tfjs counts of a tensor's data. */
export interface Description {
  dtype: tf.DataType;
  /** The number of elements. */
  size: number;
  /** Bytes of an element outside JavaScript, where tfjs counts others: it calls bfloat16 float32. */
  bytesEach?: number;
  /** The elements of a string tensor, where JavaScript has them. */
  strings?: readonly { length: number }[] | null;
}

/** How a backend keeps the data of tensors. */
export interface Upkeep<D> {
  /** What tfjs knows of a tensor with such data. */
  describe(data: D): Description;
  /** Frees memory outside JavaScript's; absent where a backend has none. */
  free?(data: D): void;
  /** Gives what was freed back to the system; called when much was. */
  giveBackFreed?(): void;
}

/** So many forgotten bytes are much. */
const MUCH = 64 * 1024 * 1024;

/**
 * Frees the data of tensors that nobody holds any more. tfjs frees a tensor only when it is disposed; in a notebook
 * nobody does that.
 *
 * @param storage where the backend keeps data, by the object that identifies it in tensors
 */
export function freeForgotten<D extends { refCount: number }>(storage: tf.DataStorage<D>, upkeep: Upkeep<D>): void {
  const bytesOutside = (data: D) => {
    if (!upkeep.free) return 0;
    const description = upkeep.describe(data);
    const { bytesEach, size } = description;
    return bytesEach === undefined ? bytesOf(description) : bytesEach * size;
  };
  let freed = 0;
  const forgotten = new FinalizationRegistry<{ data: D; bytes: number }>(({ data, bytes }) => {
    const outside = bytesOutside(data);
    reclaim(outside);
    upkeep.free?.(data);
    if (freed === 0 && outside > 0) queueMicrotask(whenAllFreed); // those of one collection come one after another
    freed += outside;
    uncount(upkeep.describe(data).dtype, bytes, data.refCount);
  });
  const whenAllFreed = () => {
    if (freed >= MUCH) upkeep.giveBackFreed?.();
    freed = 0;
  };
  const set = storage.set.bind(storage), remove = storage.delete.bind(storage);
  storage.set = (dataId, data) => {
    set(dataId, data);
    // What is kept here must not lead back to the id, or nobody would ever be found to have forgotten it.
    const description = upkeep.describe(data);
    forgotten.register(dataId, { data, bytes: bytesOf(description) + stringBytes(description) }, dataId);
    take(bytesOutside(data));
  };
  storage.delete = (dataId) => {
    if (storage.has(dataId)) giveBack(bytesOutside(storage.get(dataId)));
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

/** Takes forgotten tensors that share their data out of tfjs's own counts; `bytes` are of one of them. */
function uncount(dtype: tf.DataType, bytes: number, tensors: number): void {
  const { state } = tf.engine();
  state.numTensors -= tensors;
  state.numDataBuffers -= 1;
  if (dtype === "string") state.numStringTensors -= tensors;
  state.numBytes -= dtype === "string" ? bytes : bytes * tensors;
}

/** Bytes as tfjs counts them, and as they are outside JavaScript: complex numbers and strings are not among them. */
function bytesOf({ dtype, size }: Description): number {
  return dtype === "string" || dtype === "complex64" ? 0 : size * tf.util.bytesPerElement(dtype);
}

/** tfjs counts the strings that a tensor is made of, once for all that share them; on cpu it counts no results. */
function stringBytes({ dtype, strings }: Description): number {
  return dtype === "string" && strings ? strings.reduce((sum, { length }) => sum + length, 0) : 0;
}
