import { ByteReader } from "./byte_reader.ts";
import { unpickle } from "./pickle.ts";
import type { Storage } from "./python.ts";
import { quoted } from "./quoted.ts";
import { bytesSource, type Source } from "./source.ts";
import { type StorageBytes, StorageTable, type TorchFile } from "./storage.ts";
import { dataOffset, readZipEntry, readZipPieces, type ZipDirectory, type ZipEntry } from "./zip.ts";

const pickleLimit = 1 << 27; // bytes: its values would take more than pickle.ts allows

/**
 * Reads a file of `torch.save` as it is since PyTorch 1.6: a zip file of one folder with `data.pkl`, which is the pickled
 * value, and `data/0`, `data/1`, …, which are the storages' bytes. Only the pickle is read now.
 */
export function readTorchZip(source: Source, directory: ZipDirectory, folder: string): TorchFile {
  const pickle = directory.get(`${folder}data.pkl`)!;
  if (pickle.size > pickleLimit) {
    throw new RangeError(`${quoted(pickle.name)} is ${pickle.size} bytes: expected no more than ${pickleLimit}`);
  }
  const table = new StorageTable();
  const value = unpickle(new ByteReader(bytesSource(readZipEntry(source, pickle), pickle.name)), table.handle);
  const storages = new Map<string, StorageBytes>();
  for (const [key, storage] of table.roots) {
    storages.set(key, storedBytes(source, recordOf(storage, directory, `${folder}data/${key}`)));
  }
  return { value, storages, bigEndian: isBigEndian(source, directory.get(`${folder}byteorder`)) };
}

/** The folder of torch.save's `data.pkl` in a zip file, with its slash; undefined where there is none. */
export function torchFolder(directory: ZipDirectory): string | undefined {
  for (const name of directory.keys()) {
    if (!/^([^/]+\/)?data\.pkl$/.test(name)) continue;
    const folder = name.slice(0, -"data.pkl".length);
    // A TorchScript program has a data.pkl too, of objects of its own code, and its constants.
    if (!directory.has(`${folder}constants.pkl`)) return folder;
  }
  return undefined;
}

function recordOf(storage: Storage, directory: ZipDirectory, name: string): ZipEntry {
  const record = directory.get(name);
  const bytes = storage.elements * storage.type.bytes;
  if (record && record.size === bytes) return record;
  const found = record ? `${record.size}` : "no such record";
  throw new RangeError(`expected ${bytes} bytes of ${storage.type.dtype} in ${quoted(name)}, found ${found}`);
}

function storedBytes(source: Source, record: ZipEntry): StorageBytes {
  return {
    read(into, at) {
      if (at === 0 && into.length === record.size) readZipEntry(source, record, into);
      else if (record.stored) source.readInto(into, dataOffset(source, record) + at);
      else into.set(readZipEntry(source, record).subarray(at, at + into.length));
    },
    readPieces: (piece, use) => readZipPieces(source, record, piece, use),
  };
}

function isBigEndian(source: Source, record: ZipEntry | undefined): boolean {
  if (!record) return false; // files from before the mark was written are taken as little-endian, as torch does
  const order = record.size > 16 ? "" : new TextDecoder().decode(readZipEntry(source, record));
  if (order !== "little" && order !== "big") {
    throw new TypeError(`expected byteorder little or big, found ${quoted(order)}`);
  }
  return order === "big";
}
