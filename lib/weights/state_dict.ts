import { Displayable } from "../display/displayable.ts";
import type { Spec } from "../display/spec.ts";
import { fromNumbers } from "./convert.ts";
import { refuseCalls } from "./refuse_calls.ts";
import { quoted } from "./quoted.ts";
import { type Renaming, renamingOf } from "./renaming.ts";
import { diff, type StateDictDiff } from "./state_dict_diff.ts";
import { stateDictTable, sums } from "./state_dict_table.ts";
import { describeValue } from "./describe_value.ts";
import { type DType, dtypeOf, dtypes, elementCount, fits, type TypedArray } from "./dtype.ts";

const widthLimit = 80; // of a column of text: one name of 60,000 characters must not widen every row

/** One tensor of a state dict, in torch's layout and C order; its numbers are fetched when asked for. */
export interface Entry {
  /** torch's shape: `[out, in, kh, kw]` for a convolution, `[out, in]` for a linear layer, `[]` for one number. */
  readonly shape: readonly number[];
  /** torch's element type. */
  readonly dtype: DType;
  /** The tensor's own bits: a fresh copy, or one that nobody changes. */
  data(): Promise<TypedArray>;
  /** The same at once, where no engine has to be waited for (files, plain arrays). */
  dataSync?(): TypedArray;
  /**
   * The same bits in order, in pieces as long as `piece`, the memory that they are read to: a file's need no array of their own on
   * their way. What was made of them is to be thrown away where this throws.
   */
  readPieces?(piece: Uint8Array, use: (bytes: Uint8Array, at: number) => void): void;
  /** Hands the same bits to `use` without a copy, which must not change them and has done with them when it ends. */
  lend?(use: (bytes: Uint8Array) => Promise<void>): Promise<void>;
}

/** A tensor given as plain values; without a `dtype`, numbers are float32 and a typed array says its own. */
export interface PlainTensor {
  /** torch's shape. */
  shape: readonly number[];
  /** torch's element type. */
  dtype?: DType;
  /** The values in C order: as many as the shape has elements. */
  data: TypedArray | readonly number[];
}

/**
 * A state dict as a value: torch's names, in the order of the file or the model, each with its tensor.
 *
 * It is a snapshot: training on does not change it. Entries are lazy: a file's numbers are read when `data()` is called.
 *
 * @example
 * ```ts
 * import { StateDict } from "thaw";
 *
 * const sd = StateDict.from({ "fc.weight": { shape: [2, 3], data: [1, 2, 3, 4, 5, 6] } });
 * for (const [name, entry] of sd) console.log(name, entry.shape, entry.dtype); // fc.weight [ 2, 3 ] float32
 * console.log(await sd.get("fc.weight")!.data());
 * ```
 */
export class StateDict extends Displayable implements Iterable<[string, Entry]> {
  readonly #entries: ReadonlyMap<string, Entry>;

  /** What a checkpoint carried beside its tensors: epoch numbers, arguments, … */
  readonly metadata: Record<string, unknown>;

  /**
   * The version of each module's entries, by the module's name, as torch counts them: batch norm's second has a counter. Undefined
   * where no network says so; a file of `torch.save` has them too.
   */
  readonly versions?: ReadonlyMap<string, number>;

  private constructor(
    entries: ReadonlyMap<string, Entry>,
    metadata: Record<string, unknown>,
    versions?: ReadonlyMap<string, number>,
  ) {
    super();
    this.#entries = entries;
    this.metadata = metadata;
    this.versions = versions;
  }

  /**
   * A state dict of plain tensors (copied) or of entries (taken as they are, unread).
   *
   * @param source tensors by name, or pairs of name and entry
   * @param metadata what else the checkpoint carried
   * @param versions of each module's entries, where they are known
   * @throws {TypeError} where a shape, an element type and the values do not fit together, or a name comes twice
   */
  static from(
    source: Record<string, PlainTensor> | Iterable<readonly [string, Entry]>,
    metadata: Record<string, unknown> = {},
    versions?: ReadonlyMap<string, number>,
  ): StateDict {
    const pairs = Symbol.iterator in source
      ? source as Iterable<readonly [string, Entry]>
      : Object.entries(source).map(([name, tensor]) => [name, plainEntry(name, tensor)] as const);
    const entries = new Map<string, Entry>();
    for (const [name, entry] of pairs) {
      if (entries.has(name)) throw new TypeError(`Cannot make a state dict: the name ${quoted(name)} comes twice`);
      entries.set(name, entry);
    }
    return new StateDict(entries, metadata, versions);
  }

  /** The number of tensors. */
  get size(): number {
    return this.#entries.size;
  }

  /** Whether there is a tensor of this name. */
  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** The tensor of this name, or undefined. */
  get(name: string): Entry | undefined {
    return this.#entries.get(name);
  }

  /** The names, in order. */
  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** The tensors, in order. */
  values(): IterableIterator<Entry> {
    return this.#entries.values();
  }

  /** Pairs of name and tensor, in order. */
  entries(): IterableIterator<[string, Entry]> {
    return this.#entries.entries();
  }

  /** Pairs of name and tensor, in order. */
  [Symbol.iterator](): IterableIterator<[string, Entry]> {
    return this.#entries.entries();
  }

  /**
   * A state dict of the tensors that `keep` keeps: a function, or an expression that their names match.
   *
   * @throws {TypeError} where it is neither
   *
   * @example
   * ```ts
   * import { StateDict } from "thaw";
   *
   * const sd = StateDict.from({ "fc.bias": { shape: [1], data: [0] }, "conv1.weight": { shape: [1], data: [1] } });
   * console.log([...sd.filter((name) => !name.startsWith("fc.")).keys()]); // [ "conv1.weight" ]
   * console.log([...sd.filter(/^fc\./).keys()]); // [ "fc.bias" ]
   * ```
   */
  filter(keep: RegExp | ((name: string, entry: Entry) => boolean)): StateDict {
    if (!(keep instanceof RegExp) && typeof keep !== "function") {
      throw new TypeError(`Cannot filter: expected a function or an expression, found ${describeValue(keep)}`);
    }
    const kept = (name: string, entry: Entry) => keep instanceof RegExp ? name.search(keep) >= 0 : keep(name, entry);
    return StateDict.from([...this].filter(([name, entry]) => kept(name, entry)), this.metadata, this.versions);
  }

  /**
   * The same tensors under other names, by a function, a map, an expression, or a prefix to take off or to put on.
   *
   * @throws {TypeError} where two names become the same, {RangeError} where none of the names is concerned
   *
   * @example
   * ```ts
   * import { StateDict } from "thaw";
   *
   * const sd = StateDict.from({ "module.fc.bias": { shape: [1], data: [0] } });
   * const names = (sd: StateDict) => [...sd.keys()].join(" ");
   * console.log(names(sd.rename({ strip: "module." }))); // fc.bias
   * console.log(names(sd.rename([/^module\.fc/, "head"]))); // head.bias
   * console.log(names(sd.rename({ "module.fc.bias": "classifier.1.bias" }))); // classifier.1.bias
   * ```
   */
  rename(how: Renaming): StateDict {
    const rename = renamingOf(how, [...this.keys()]);
    return StateDict.from([...this].map(([name, entry]) => [rename(name), entry] as const), this.metadata);
  }

  /**
   * How this state dict and another compare, name by name: what only one of them has, what has another shape, what is equal, and
   * how far apart the rest is. Reads the tensors that both have.
   *
   * @throws {TypeError} where the other is no state dict
   *
   * @example
   * ```ts
   * import { StateDict } from "thaw";
   *
   * const before = StateDict.from({ "fc.bias": { shape: [2], data: [3, 4] } });
   * const after = StateDict.from({ "fc.bias": { shape: [2], data: [3, 5] } });
   * console.log((await before.diff(after)).rows[0]);
   * // { name: "fc.bias", kind: "differs", shape: [ 2 ], largest: 1, relative: 0.2 }
   * ```
   */
  async diff(other: StateDict): Promise<StateDictDiff> {
    if (other instanceof StateDict) return await diff(this, other);
    throw new TypeError(
      `Cannot diff: expected a state dict, found ${describeValue(other)}; write diff(other.stateDict())`,
    );
  }

  /** What a notebook shows: a table with the statistics and the distribution of every tensor's numbers, all read for it. */
  spec(): Promise<Spec> {
    return stateDictTable(this);
  }

  /** A text table: name, shape, element type, and the sums. */
  override toString(): string {
    const rows = [...this].map(([name, entry]) => [name, `[${entry.shape.join(", ")}]`, entry.dtype]);
    const widest = (column: number) => rows.reduce((width, row) => Math.max(width, row[column].length), 0);
    const widths = [0, 1].map((column) => Math.min(widest(column), widthLimit));
    const lines = rows.map(([name, shape, dtype]) => `${name.padEnd(widths[0])}  ${shape.padEnd(widths[1])}  ${dtype}`);
    return [...lines, sums([...this.values()])].join("\n");
  }
}

// `load` gives a network of one file and a state dict of another.
refuseCalls(
  StateDict,
  (method) =>
    `it has a network's numbers, not its layers; make the network, then model.loadStateDict(sd) and model.${method}()`,
);

function plainEntry(name: string, tensor: PlainTensor): Entry {
  const { shape, data } = tensor;
  const fail = (expected: string, found: string): never => {
    throw new TypeError(`Cannot make the state dict entry ${quoted(name)}: expected ${expected}, found ${found}`);
  };
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    fail("a shape of whole numbers such as [64, 3, 7, 7]", JSON.stringify(shape));
  }
  const typed = ArrayBuffer.isView(data);
  if (!typed && !Array.isArray(data)) fail("data as a typed array or an array of numbers", typeof data);
  const dtype = tensor.dtype ?? (typed ? dtypeOf(data as TypedArray) : "float32");
  if (!dtypes.includes(dtype)) fail(`one of the dtypes ${dtypes.join(", ")}`, JSON.stringify(dtype));
  if (data.length !== elementCount(shape)) {
    fail(`${elementCount(shape)} values for shape [${shape.join(", ")}]`, `${data.length}`);
  }
  if (typed && !fits(data as TypedArray, dtype)) fail(`an array that holds ${dtype}`, `a ${data.constructor.name}`);
  const copy = typed ? (data as TypedArray).slice() : fromNumbers(data as number[], dtype);
  return arrayEntry([...shape], dtype, copy);
}

/** An entry over an array that nobody else holds or changes. */
export function arrayEntry(shape: readonly number[], dtype: DType, data: TypedArray): Entry {
  return { shape, dtype, data: () => Promise.resolve(data.slice()), dataSync: () => data.slice() };
}
