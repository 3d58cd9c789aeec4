import { inflateRawSync } from "node:zlib";
import { checksum } from "./checksum.ts";
import { inPieces, type TakePiece } from "./pieces.ts";
import { quoted } from "./quoted.ts";
import { readBytes, type Source } from "./source.ts";

/** A file within a zip file, as its central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  /** Its size in bytes, unpacked. */
  readonly size: number;
  readonly packedSize: number;
  /** Whether its bytes lie in the file as they are; otherwise they are deflated. */
  readonly stored: boolean;
  readonly crc: number;
  readonly headerOffset: number;
  /** Where the next file or the directory begins. */
  readonly limit: number;
}

/** The files within a zip file, by name, in the order of its directory. */
export type ZipDirectory = ReadonlyMap<string, ZipEntry>;

const endSize = 22, end64Size = 56, locatorSize = 20, headerSize = 46, localSize = 30;
const deflateLimit = 1032; // deflate cannot pack more tightly than 1 to 1032
const countLimit = 1 << 18; // of files, which are as many as storages
const directoryLimit = 1 << 26; // bytes

/**
 * How large a deflated file may be, unpacked. Weights hardly shrink, and torch.save does not deflate them at all: a small file
 * that unpacks to gigabytes is more likely an attack on memory.
 */
function unpackLimit(source: Source): number {
  return 4 * source.size + 2 ** 26;
}

/**
 * Reads the directory of a zip file, and nothing else: opening a file of any size costs one or two small reads.
 * Zip64 is understood; sizes and places are checked against the file before anything is believed.
 *
 * @throws {TypeError | RangeError} where the file is not a whole zip file, or not an honest one
 */
export function readZipDirectory(source: Source): ZipDirectory {
  const { count, size, offset } = findDirectory(source);
  if (count * headerSize > size) throw new RangeError(`a zip directory of ${size} bytes cannot list ${count} files`);
  if (count > countLimit) throw new RangeError(`expected a zip file of up to ${countLimit} files, found ${count}`);
  if (size > directoryLimit) {
    throw new RangeError(`expected a zip directory of up to ${directoryLimit} bytes, found ${size}`);
  }
  const bytes = readBytes(source, offset, size);
  const view = new DataView(bytes.buffer);
  const directory = new Map<string, Mutable<ZipEntry>>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + headerSize > size || view.getUint32(at, true) !== 0x02014b50) {
      throw new TypeError(`the zip directory is damaged at file ${i + 1} of ${count}`);
    }
    const nameLength = view.getUint16(at + 28, true), extraLength = view.getUint16(at + 30, true);
    const next = at + headerSize + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > size) throw new TypeError(`the zip directory is damaged at file ${i + 1} of ${count}`);
    const name = new TextDecoder().decode(bytes.subarray(at + headerSize, at + headerSize + nameLength));
    const extra = bytes.subarray(at + headerSize + nameLength, at + headerSize + nameLength + extraLength);
    if (directory.has(name)) throw new TypeError(`the zip file lists ${quoted(name)} twice`);
    const entry = entryOf(name, view, at, extra);
    if (!entry.stored && entry.size > unpackLimit(source)) {
      throw new RangeError(
        `${quoted(name)} in the zip file would unpack to ${entry.size} bytes, expected up to ${unpackLimit(source)}`,
      );
    }
    directory.set(name, entry);
    at = next;
  }
  checkPlaces(directory, offset);
  return directory;
}

/**
 * Reads a file within a zip file whole, and checks its CRC-32.
 *
 * @param into where to put the bytes; of the entry's size
 * @throws {TypeError | RangeError} where the bytes are damaged
 */
export function readZipEntry(
  source: Source,
  entry: ZipEntry,
  into: Uint8Array = new Uint8Array(entry.size),
): Uint8Array {
  readZipPieces(source, entry, into, () => {});
  return into;
}

/**
 * The same in pieces, as long as `piece` is, each of which `use` is given in turn. The CRC-32 is known at the end: where that is
 * wrong, what was made of the pieces is to be thrown away.
 */
export function readZipPieces(source: Source, entry: ZipEntry, piece: Uint8Array, use: TakePiece): void {
  const start = dataOffset(source, entry);
  const unpacked = entry.stored ? undefined : inflate(readBytes(source, start, entry.packedSize), entry);
  let crc = 0;
  const read: TakePiece = (bytes, at) => {
    if (unpacked) bytes.set(unpacked.subarray(at, at + bytes.length));
    else source.readInto(bytes, start + at);
    crc = checksum(bytes, crc);
  };
  inPieces(entry.size, piece, read, use);
  if (crc === entry.crc) return;
  throw new TypeError(`${quoted(entry.name)} is damaged: expected CRC-32 ${hex(entry.crc)}, found ${hex(crc)}`);
}

/** Where a file's bytes begin: its local header is followed by a name and padding, so that it must be looked at. */
export function dataOffset(source: Source, entry: ZipEntry): number {
  const header = readBytes(source, entry.headerOffset, localSize);
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) !== 0x04034b50) throw new TypeError(`the zip header of ${quoted(entry.name)} is damaged`);
  const nameLength = view.getUint16(26, true);
  const name = new TextDecoder().decode(readBytes(source, entry.headerOffset + localSize, nameLength));
  if (name !== entry.name) {
    throw new TypeError(`the zip directory says ${quoted(entry.name)} where the file says ${quoted(name)}`);
  }
  const start = entry.headerOffset + localSize + nameLength + view.getUint16(28, true);
  if (start + entry.packedSize <= entry.limit) return start;
  throw new RangeError(`${quoted(entry.name)} in the zip file runs into what follows it`);
}

function findDirectory(source: Source): { count: number; size: number; offset: number } {
  // The end record may be followed by a comment of up to 64 kB, whose length it gives.
  const tailStart = Math.max(0, source.size - endSize - 0xffff);
  const tail = readBytes(source, tailStart, source.size - tailStart);
  const view = new DataView(tail.buffer);
  for (let at = tail.length - endSize; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    if (at + endSize + view.getUint16(at + 20, true) !== tail.length) continue;
    if (view.getUint16(at + 4, true) !== 0) {
      throw new TypeError("the zip file is one of several parts; join them first");
    }
    const place = {
      count: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
    const found = findDirectory64(source, tailStart + at) ?? place;
    if (found.offset + found.size <= tailStart + at) return found;
    throw new RangeError(
      `the zip directory should lie at ${found.offset} with ${found.size} bytes, which the file does not have`,
    );
  }
  throw new RangeError("the end of the zip file is missing: it was not copied or downloaded whole");
}

function findDirectory64(source: Source, end: number): { count: number; size: number; offset: number } | undefined {
  if (end < locatorSize) return undefined;
  const locator = new DataView(readBytes(source, end - locatorSize, locatorSize).buffer);
  if (locator.getUint32(0, true) !== 0x07064b50) return undefined;
  const view = new DataView(readBytes(source, Number(locator.getBigUint64(8, true)), end64Size).buffer);
  if (view.getUint32(0, true) !== 0x06064b50) throw new TypeError("the end of the zip file (zip64) is damaged");
  return {
    count: Number(view.getBigUint64(32, true)),
    size: Number(view.getBigUint64(40, true)),
    offset: Number(view.getBigUint64(48, true)),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function entryOf(name: string, view: DataView, at: number, extra: Uint8Array): Mutable<ZipEntry> {
  const flags = view.getUint16(at + 8, true), method = view.getUint16(at + 10, true);
  if (flags & 1) throw new TypeError(`${quoted(name)} in the zip file is encrypted; unpack it with its password first`);
  if (method !== 0 && method !== 8) {
    throw new TypeError(`expected ${quoted(name)} in the zip file stored or deflated, found method ${method}`);
  }
  const sizes = [24, 20, 42].map((field) => view.getUint32(at + field, true));
  widen(sizes, extra);
  const [size, packedSize, headerOffset] = sizes;
  const stored = method === 0;
  if (stored ? size !== packedSize : size > packedSize * deflateLimit) {
    throw new RangeError(`${quoted(name)} in the zip file cannot be ${size} bytes: it takes up ${packedSize}`);
  }
  return { name, size, packedSize, stored, crc: view.getUint32(at + 16, true), headerOffset, limit: Infinity };
}

/** Zip64: a size or place that does not fit 32 bits is all ones, and its real value follows in an extra field. */
function widen(sizes: number[], extra: Uint8Array): void {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  for (let at = 0; at + 4 <= extra.length;) {
    const length = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let field = at + 4;
      for (let i = 0; i < sizes.length; i++) {
        if (sizes[i] !== 0xffffffff) continue;
        if (field + 8 > Math.min(at + 4 + length, extra.length)) return;
        sizes[i] = Number(view.getBigUint64(field, true));
        field += 8;
      }
      return;
    }
    at += 4 + length;
  }
}

/** Files that overlap let a small zip file unpack to more than any real one could. */
function checkPlaces(directory: ReadonlyMap<string, Mutable<ZipEntry>>, end: number): void {
  const entries = [...directory.values()].sort((a, b) => a.headerOffset - b.headerOffset);
  entries.forEach((entry, i) => {
    const least = entry.headerOffset + localSize + new TextEncoder().encode(entry.name).length + entry.packedSize;
    entry.limit = entries[i + 1]?.headerOffset ?? end;
    if (least <= entry.limit) return;
    const into = entries[i + 1] ? `overlaps ${quoted(entries[i + 1].name)}` : "runs into the directory";
    throw new RangeError(`${quoted(entry.name)} in the zip file ${into}`);
  });
}

function inflate(packed: Uint8Array, entry: ZipEntry): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
  } catch (error) {
    throw new TypeError(`${quoted(entry.name)} in the zip file cannot be unpacked: ${(error as Error).message}`);
  }
  if (bytes.length === entry.size) return bytes;
  throw new TypeError(`${quoted(entry.name)} in the zip file unpacks to ${bytes.length} bytes, expected ${entry.size}`);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
