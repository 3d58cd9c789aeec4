import { ByteReader } from "./byte_reader.ts";
import { unpickle } from "./pickle.ts";
import { describe, type Storage } from "./python.ts";
import type { Source } from "./source.ts";
import { type StorageBytes, StorageTable, type TorchFile } from "./storage.ts";

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/** How a file of the old format begins: the pickled magic number. */
export const legacyStart: Uint8Array = Uint8Array.from(
  [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
);

/**
 * Reads a file of `torch.save` as it was before PyTorch 1.6: a stream of pickles (magic number, protocol number, facts of
 * the machine, the value, the list of storage keys), then each storage as a count and its bytes. The counts are looked at
 * now, the bytes are not.
 */
export function readTorchLegacy(source: Source): TorchFile {
  const reader = new ByteReader(source);
  expectNumber(unpickle(reader, noStorages), magic, "torch's magic number");
  expectNumber(unpickle(reader, noStorages), protocol, "the old format's protocol number");
  const machine = unpickle(reader, noStorages);
  const table = new StorageTable();
  const value = unpickle(reader, table.handle);
  const keys = unpickle(reader, noStorages);
  if (!Array.isArray(keys)) throw new TypeError(`expected a list of storage keys, found ${describe(keys)}`);
  const bigEndian = machine instanceof Map && machine.get("little_endian") === false;
  return { value, bigEndian, storages: findStorages(source, reader.position, keys, table.roots, bigEndian) };
}

function findStorages(
  source: Source,
  start: number,
  keys: readonly unknown[],
  known: ReadonlyMap<string, Storage>,
  bigEndian: boolean,
): Map<string, StorageBytes> {
  const storages = new Map<string, StorageBytes>();
  const count = new DataView(new ArrayBuffer(8));
  let position = start;
  for (const key of keys) {
    const storage = known.get(key as string);
    if (!storage) throw new TypeError(`its storage ${describe(key)} belongs to no tensor`);
    source.readInto(new Uint8Array(count.buffer), position);
    const elements = Number(count.getBigInt64(0, !bigEndian));
    if (elements !== storage.elements) {
      throw new RangeError(`expected ${storage.elements} numbers in storage ${storage.key}, found ${elements}`);
    }
    const at = position + 8;
    position = at + elements * storage.type.bytes;
    if (position > source.size) {
      throw new RangeError(
        `the file ends too early: expected storage ${storage.key} up to byte ${position}, found ${source.size} in all`,
      );
    }
    storages.set(storage.key, { read: (into, offset) => source.readInto(into, at + offset) });
  }
  for (const key of known.keys()) {
    if (!storages.has(key)) throw new TypeError(`its tensors use storage ${key}, which is not in the file`);
  }
  return storages;
}

function expectNumber(found: unknown, expected: number | bigint, what: string): void {
  if (found !== expected) throw new TypeError(`expected ${what} (${expected}), found ${describe(found)}`);
}

function noStorages(id: unknown): never {
  throw new TypeError(`found a storage (${describe(id)}) before the checkpoint's value begins`);
}
