import { type DType, elementCount } from "./dtype.ts";
import { withBytes } from "./entry_bytes.ts";
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

/** Takes a file's bytes in order. */
export type Sink = (bytes: Uint8Array) => Promise<void>;

/** Writes the state dict as torch's zip file. */
export async function writeTorchZip(stateDict: StateDict, sink: Sink): Promise<void> {
  const keys = new Map<Entry, string>();
  const names = new Map<Entry, string>();
  for (const [name, entry] of stateDict) {
    if (names.has(entry)) continue;
    keys.set(entry, String(keys.size));
    names.set(entry, name);
  }
  await writeTorchFile(pickleStateDict(stateDict, keys), keys, names, sink);
}

/**
 * Writes torch's zip file around a pickle: its storages follow it, one tensor each.
 *
 * @param keys what the pickle calls each tensor's storage
 * @param names what an error calls each tensor
 */
export async function writeTorchFile(
  pickle: Uint8Array,
  keys: ReadonlyMap<Entry, string>,
  names: ReadonlyMap<Entry, string>,
  sink: Sink,
): Promise<void> {
  const zip = new ZipWriter(sink);
  const record = (name: string, text: string) => zip.add(`archive/${name}`, new TextEncoder().encode(text));
  await zip.add("archive/data.pkl", pickle);
  await record(".format_version", "1");
  await record(".storage_alignment", "64");
  await record("byteorder", "little");
  for (const [entry, key] of keys) {
    await withBytes(names.get(entry)!, entry, (bytes) => zip.add(`archive/data/${key}`, bytes));
  }
  await record("version", "3\n");
  await zip.finish();
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
  if (stateDict.versions) pickleVersions(pickle, [...stateDict.versions]);
  return pickle.bytes();
}

/** The versions as torch keeps them: `_metadata`, an attribute of the state dict. Some networks do not load without. */
function pickleVersions(pickle: PickleWriter, versions: readonly (readonly [string, number])[]): void {
  pickle.code("EMPTY_DICT");
  pickle.memoize();
  pickle.text("_metadata");
  pickleOrderedDict(pickle);
  for (let start = 0; start < versions.length; start += groupSize) {
    const group = versions.slice(start, start + groupSize);
    if (group.length > 1) pickle.code("MARK");
    for (const [path, version] of group) {
      pickle.text(path);
      pickle.code("EMPTY_DICT");
      pickle.memoize();
      pickle.text("version", true);
      pickle.int(version);
      pickle.code("SETITEM");
    }
    pickle.code(group.length > 1 ? "SETITEMS" : "SETITEM");
  }
  pickle.code("SETITEM", "BUILD");
}

/** An empty OrderedDict. */
export function pickleOrderedDict(pickle: PickleWriter): void {
  pickle.global("collections", "OrderedDict");
  pickle.code("EMPTY_TUPLE", "REDUCE");
  pickle.memoize();
}

/**
 * A tensor of a storage of its own.
 *
 * @returns its place in the memo
 */
export function pickleTensor(pickle: PickleWriter, key: string, entry: Entry): number {
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
