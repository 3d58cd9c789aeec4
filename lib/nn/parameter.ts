import * as tf from "@tensorflow/tfjs";
import { filled } from "../engine/ops/filled.ts";
import { lend } from "../engine/ops/lend.ts";
import { ownedVariable, snapshot } from "../engine/ops/variable.ts";
import { random, RandomGenerator } from "../engine/random.ts";
import { toFloat32 } from "../weights/convert.ts";
import type { DType, TypedArray } from "../weights/dtype.ts";
import type { Entry } from "../weights/state_dict.ts";
import { floats, readFilters } from "./filters.ts";
import type { Initializer } from "./init.ts";

/**
 * How torch's layout becomes the engine's: `same`, or `conv` for filters, torch's `[out, in / groups, kh, kw]` to
 * `[kh, kw, in / groups, out]`.
 */
export type Layout = "same" | "conv";

// A state dict that nobody holds any more gives its snapshots back. Networks need no such care: the engine frees what nobody
// can reach, while weights that are held outlive their network.
const forgotten = new FinalizationRegistry((tensor: tf.Tensor) => tensor.dispose());

/** Something a state dict has an entry for: a {@linkcode Parameter}, a {@linkcode Buffer} or a {@linkcode Counter}. */
export interface Stored {
  /** torch's shape. */
  readonly shape: readonly number[];
  /** The element type in a state dict. */
  readonly dtype: DType;
  /** The number of elements. */
  readonly size: number;
  /** Whether {@linkcode load} can take this entry: it can be read at once, or is a snapshot of the same layout. */
  accepts(entry: Entry): boolean;
  /** What it holds now, as a state dict entry that later training does not change. */
  entry(): Entry;
  /** Takes the values of an entry of the same shape that it accepts. */
  load(entry: Entry): void;
  /** Starts again from first values. */
  reset(): void;
}

/** Values on the engine that come into being at first use or when a state dict arrives, whichever is first. */
abstract class EngineValues implements Stored {
  readonly dtype = "float32";
  readonly #initialize: Initializer;
  readonly #layout: Layout;
  // Drawn now, so that values depend on the order in which a network is built and not on that of its first use.
  #seed = random.bits();
  #variable?: tf.Variable;
  #loaded = false;

  /**
   * @param shape torch's shape
   * @param initialize makes the first values
   * @param layout how the engine lays them out
   */
  constructor(readonly shape: readonly number[], initialize: Initializer, layout: Layout = "same") {
    this.#initialize = initialize;
    this.#layout = layout;
  }

  get size(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  /** Whether its values came with a state dict (and may have been trained since); otherwise they began as its initializer made them. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Whether there are values yet. */
  get initialized(): boolean {
    return this.#variable !== undefined;
  }

  /** The values in the engine's layout; made now if there are none yet. */
  get value(): tf.Variable {
    if (!this.#variable) this.#set(this.#initialize(this.shape, new RandomGenerator(this.#seed)));
    return this.#variable!;
  }

  /** Starts again from first values of their own, drawn from the generator that `manualSeed` seeds. */
  reset(): void {
    this.#seed = random.bits();
    this.#loaded = false;
    if (this.#variable) this.#set(this.#initialize(this.shape, new RandomGenerator(this.#seed)));
  }

  entry(): Entry {
    return this.entryOf(this.value);
  }

  /** A tensor laid out as the values are, such as a running average of their gradients, as an entry in torch's layout. */
  entryOf(tensor: tf.Tensor): Entry {
    return new EngineEntry(this.shape, this.#layout, snapshot(tensor), this.#loaded);
  }

  /** The values of an entry of the same shape that it {@linkcode accepts}, as a new tensor in the engine's layout. */
  tensorOf(entry: Entry): tf.Tensor {
    if (this.#isOfSameLayout(entry)) return snapshot(entry.tensor);
    if (entry.dtype === "float32" && entry.readPieces) return readTensor(entry, this.#layout);
    const values = toFloat32(entry.dataSync!(), entry.dtype);
    return tf.tidy(() => toEngine(tf.tensor(values, [...this.shape]), this.#layout));
  }

  accepts(entry: Entry): boolean {
    return entry.dataSync !== undefined || this.#isOfSameLayout(entry);
  }

  load(entry: Entry): void {
    this.#hold(this.tensorOf(entry));
    this.#loaded = entry instanceof EngineEntry ? entry.loaded : true;
  }

  #isOfSameLayout(entry: Entry): entry is EngineEntry {
    return entry instanceof EngineEntry && entry.layout === this.#layout;
  }

  #set(values: Float32Array): void {
    this.#hold(tf.tidy(() => toEngine(tf.tensor(values, [...this.shape]), this.#layout)));
  }

  /** Takes a tensor over. The variable object stays the same, since optimizers and the tape know it. */
  #hold(tensor: tf.Tensor): void {
    if (this.#variable) {
      this.#variable.assign(tensor);
      tensor.dispose();
      return;
    }
    this.#variable = ownedVariable(tensor);
  }
}

/**
 * Weights that training changes: torch.nn.Parameter. `shape` is torch's, `value` the tensor in the engine's layout.
 *
 * @example
 * ```ts
 * import { nn } from "thaw";
 *
 * const { weight } = new nn.Conv2d(3, 8, 5);
 * console.log(weight.shape, weight.value.shape); // [ 8, 3, 5, 5 ] [ 5, 5, 3, 8 ]
 * ```
 */
export class Parameter extends EngineValues {
  /** Whether training changes it; `freeze` and `unfreeze` set this. */
  requiresGrad = true;
}

/** A tensor that belongs to a network's state but has no gradient, such as a running mean. */
export class Buffer extends EngineValues {
  /** Replaces the values by what `compute` makes of them, in the engine's layout. */
  update(compute: (value: tf.Tensor) => tf.Tensor): void {
    const updated = tf.tidy(() => compute(this.value));
    this.value.assign(updated);
    updated.dispose();
  }
}

/** A whole number in a network's state, such as batch norm's count of batches (int64 in torch). Lives outside the engine. */
export class Counter implements Stored {
  readonly shape: readonly number[] = [];
  readonly dtype = "int64";
  readonly size = 1;

  /** @param value what it starts from */
  constructor(public value = 0) {}

  reset(): void {
    this.value = 0;
  }

  entry(): Entry {
    const bits = BigInt64Array.of(BigInt(this.value));
    return {
      shape: [],
      dtype: "int64",
      data: () => Promise.resolve(bits.slice()),
      dataSync: () => bits.slice(),
    };
  }

  accepts(entry: Entry): boolean {
    return entry.dataSync !== undefined;
  }

  load(entry: Entry): void {
    this.value = Number(entry.dataSync!()[0]);
  }
}

/** A snapshot of engine values; reading it brings them into torch's layout. */
export class EngineEntry implements Entry {
  readonly dtype = "float32";

  /**
   * @param shape torch's shape
   * @param layout how the engine lays the values out
   * @param tensor the values, which are this entry's from now on
   * @param loaded whether they came with a state dict once
   */
  constructor(
    readonly shape: readonly number[],
    readonly layout: Layout,
    readonly tensor: tf.Tensor,
    readonly loaded = false,
  ) {
    tf.keep(tensor);
    forgotten.register(this, tensor, this);
  }

  async data(): Promise<TypedArray> {
    const torch = tf.tidy(() => toTorch(this.tensor, this.layout));
    const data = (await torch.data()) as Float32Array;
    if (torch === this.tensor) return data.slice(); // some engines give their own array
    torch.dispose();
    return data;
  }

  async lend(use: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const torch = tf.tidy(() => toTorch(this.tensor, this.layout));
    try {
      await lend(torch, use);
    } finally {
      if (torch !== this.tensor) torch.dispose();
    }
  }

  /** Gives the memory back now instead of when the entry is forgotten. */
  dispose(): void {
    forgotten.unregister(this);
    this.tensor.dispose();
  }
}

/** An entry's numbers, read to where they stay. */
function readTensor({ shape, readPieces }: Entry, layout: Layout): tf.Tensor {
  if (layout === "same") return filled(shape, (bytes) => readPieces!(bytes, () => {}));
  const [out, channels, height, width] = shape;
  return filled([height, width, channels, out], (bytes) => readFilters(readPieces!, floats(bytes), shape));
}

function toEngine(tensor: tf.Tensor, layout: Layout): tf.Tensor {
  return layout === "conv" ? tf.transpose(tensor, [2, 3, 1, 0]) : tensor;
}

function toTorch(tensor: tf.Tensor, layout: Layout): tf.Tensor {
  return layout === "conv" ? tf.transpose(tensor, [3, 2, 0, 1]) : tensor;
}
