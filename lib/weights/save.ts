import { bytesOf, type DType, elementCount, fits } from "./dtype.ts";
import { describeValue } from "./describe_value.ts";
import { expectStateDict } from "./expect_state_dict.ts";
import { PickleWriter } from "./pickle_writer.ts";
import type { Entry, StateDict } from "./state_dict.ts";
import { ZipWriter } from "./zip_writer.ts";

const storageNames: Record<DType, string> = {
  float64: "DoubleStorage",
  float32: "FloatStorage",
  float16: "HalfStorage",
  bfloat16: "BFloat16Storage",
  int64: "LongStorage",
  int32: "IntStorage",
  int16: "ShortStorage",
  int8: "CharStorage",
  uint8: "ByteStorage",
  bool: "BoolStorage",
};

/** Python's pickler sets a dict's items in groups of this size. */
const groupSize = 1000;

/**
 * Saves a state dict as `torch.save` does: `torch.load(path, weights_only=True)` gives an OrderedDict of the same tensors,
 * bit for bit. The same state dict always gives the same bytes; names that share an entry share its storage.
 *
 * Tensors are written one at a time, to a file beside `path` that takes its name once it is whole: a file that was there
 * stays as it is until then. Metadata is not saved: torch would take it for weights.
 *
 * @throws {TypeError} where it is no state dict, or a tensor's data does not fit its shape and dtype
 *
 * @example
 * ```ts
 * import { save, StateDict } from "thaw";
 *
 * const head = StateDict.from({ "fc.weight": { shape: [1, 2], data: [0.5, -0.5] }, "fc.bias": { shape: [1], data: [0] } });
 * await save(head, `${await Deno.makeTempDir()}/head.pth`);
 * ```
 */
export async function save(stateDict: StateDict, path: string): Promise<void> {
  expectStateDict("save", stateDict, "save(model.stateDict(), path)");
  if (typeof path !== "string") throw new TypeError(`Cannot save: expected a path, found ${describeValue(path)}`);
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  let file: Deno.FsFile;
  try {
    file = await Deno.open(temporary, { write: true, createNew: true });
  } catch (error) {
    throw new Error(`Cannot save "${path}": ${(error as Error).message}`, { cause: error });
  }
  try {
    await writeTorchZip(stateDict, async (bytes) => {
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    });
    await file.syncData(); // or a crash might leave the new name on an empty file
    file.close();
    await Deno.rename(temporary, path);
  } catch (error) {
    try {
      file.close();
    } catch { /* closed before the rename failed */ }
    await Deno.remove(temporary);
    throw new Error(`Cannot save "${path}": ${(error as Error).message}`, { cause: error });
  }
}

/** Writes the state dict as torch's zip file into a sink that takes the bytes in order. */
export async function writeTorchZip(stateDict: StateDict, sink: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  const keys = new Map<Entry, string>();
  for (const entry of stateDict.values()) if (!keys.has(entry)) keys.set(entry, String(keys.size));
  const zip = new ZipWriter(sink);
  const record = (name: string, text: string) => zip.add(`archive/${name}`, new TextEncoder().encode(text));
  await zip.add("archive/data.pkl", pickleStateDict(stateDict, keys));
  await record(".format_version", "1");
  await record(".storage_alignment", "64");
  await record("byteorder", "little");
  const written = new Set<Entry>();
  for (const [name, entry] of stateDict) {
    if (written.has(entry)) continue;
    written.add(entry);
    await zip.add(`archive/data/${keys.get(entry)}`, await entryBytes(name, entry));
  }
  await record("version", "3\n");
  await zip.finish();
}

async function entryBytes(name: string, entry: Entry): Promise<Uint8Array> {
  const data = await entry.data();
  const expected = elementCount(entry.shape);
  if (data.length === expected && fits(data, entry.dtype)) return bytesOf(data);
  throw new TypeError(
    `expected ${expected} numbers of ${entry.dtype} in "${name}", found a ${data.constructor.name} of ${data.length}`,
  );
}

function pickleStateDict(stateDict: StateDict, keys: ReadonlyMap<Entry, string>): Uint8Array {
  const pickle = new PickleWriter();
  const places = new Map<Entry, number>(); // in the memo: a tensor of two names is pickled once
  pickleOrderedDict(pickle);
  const pairs = [...stateDict];
  for (let start = 0; start < pairs.length; start += groupSize) {
    const group = pairs.slice(start, start + groupSize);
    if (group.length > 1) pickle.code("MARK");
    for (const [name, entry] of group) {
      pickle.text(name);
      const known = places.get(entry);
      if (known === undefined) places.set(entry, pickleTensor(pickle, keys.get(entry)!, entry));
      else pickle.again(known);
    }
    pickle.code(group.length > 1 ? "SETITEMS" : "SETITEM");
  }
  return pickle.bytes();
}

function pickleOrderedDict(pickle: PickleWriter): void {
  pickle.global("collections", "OrderedDict");
  pickle.code("EMPTY_TUPLE", "REDUCE");
  pickle.memoize();
}

function pickleTensor(pickle: PickleWriter, key: string, entry: Entry): number {
  pickle.global("torch._utils", "_rebuild_tensor_v2");
  pickle.code("MARK");
  pickleStorage(pickle, key, entry);
  pickle.int(0); // offset within the storage
  pickle.ints(entry.shape);
  pickle.ints(contiguousStrides(entry.shape));
  pickle.code("NEWFALSE"); // requires no gradient
  pickleOrderedDict(pickle); // no backward hooks
  pickle.code("TUPLE");
  pickle.memoize();
  pickle.code("REDUCE");
  return pickle.memoize();
}

function pickleStorage(pickle: PickleWriter, key: string, entry: Entry): void {
  pickle.code("MARK");
  pickle.text("storage", true);
  pickle.global("torch", storageNames[entry.dtype]);
  pickle.text(key);
  pickle.text("cpu", true);
  pickle.int(elementCount(entry.shape));
  pickle.code("TUPLE");
  pickle.memoize();
  pickle.code("BINPERSID");
}

/** torch's strides of a tensor in C order: a dimension of size 0 counts as 1. */
function contiguousStrides(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides.unshift(stride);
    stride *= Math.max(shape[axis], 1);
  }
  return strides;
}
