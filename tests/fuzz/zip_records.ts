import { deflateRawSync } from "node:zlib";
import { checksum } from "../../lib/weights/checksum.ts";
import { bytesSource } from "../../lib/weights/source.ts";
import { readZipDirectory, readZipEntry } from "../../lib/weights/zip.ts";
import { concatenate } from "./mutation.ts";

/** A file within a zip file, as it will be written; what is not said is right. */
export interface ZipRecord {
  name: Uint8Array;
  data: Uint8Array;
  deflated?: boolean;
  /** What the directory says of it in place of what is so. */
  says?: { size?: bigint; packedSize?: bigint; crc?: number; offset?: bigint; method?: number; flags?: number };
  /** The name in front of the data, where it is another than the directory's. */
  localName?: Uint8Array;
  /** Bytes of an extra field in front of the data. */
  localExtra?: Uint8Array;
}

/** The files within a good zip file. */
export function zipRecords(bytes: Uint8Array): ZipRecord[] {
  const source = bytesSource(bytes, "a seed");
  return [...readZipDirectory(source).values()].map((entry) => ({
    name: new TextEncoder().encode(entry.name),
    data: readZipEntry(source, entry),
    deflated: !entry.stored,
  }));
}

/** Writes a zip file of these, with whatever they say wrongly, with or without the records of zip64. */
export function writeZip(records: readonly ZipRecord[], zip64 = false): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [], directory: Uint8Array[] = [];
  let place = 0;
  for (const record of records) {
    const { name, data, localName = name, localExtra = new Uint8Array() } = record;
    const packed = record.deflated ? new Uint8Array(deflateRawSync(data)) : data;
    const { method = record.deflated ? 8 : 0, flags = 0x800, crc = checksum(data) } = record.says ?? {};
    const { size = BigInt(data.length), packedSize = BigInt(packed.length), offset = BigInt(place) } = record.says ??
      {};
    const local = header(30, 0x04034b50, [[6, flags], [8, method], [26, localName.length], [28, localExtra.length]]);
    set32(local, [[14, crc], [18, clip(packedSize)], [22, clip(size)]]);
    parts.push(local, localName, localExtra, packed);
    place += 30 + localName.length + localExtra.length + packed.length;
    const wide = [size, packedSize, offset].filter((value) => value >= 0xffffffffn);
    const extra = new Uint8Array(wide.length ? 4 + 8 * wide.length : 0);
    const extraView = new DataView(extra.buffer);
    if (wide.length) extraView.setUint16(0, 1, true), extraView.setUint16(2, 8 * wide.length, true);
    wide.forEach((value, i) => extraView.setBigUint64(4 + 8 * i, BigInt.asUintN(64, value), true));
    const central = header(46, 0x02014b50, [[8, flags], [10, method], [28, name.length], [30, extra.length]]);
    set32(central, [[16, crc], [20, clip(packedSize)], [24, clip(size)], [42, clip(offset)]]);
    directory.push(central, name, extra);
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  return concatenate([...parts, ...directory, ...(zip64 ? [end64(records.length, size, place)] : []), end()]);

  function end(): Uint8Array {
    const bytes = header(22, 0x06054b50, [[8, records.length & 0xffff], [10, records.length & 0xffff]]);
    set32(bytes, [[12, size], [16, place]]);
    return bytes;
  }
}

function end64(count: number, size: number, place: number): Uint8Array {
  const bytes = new Uint8Array(76);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x06064b50, true);
  view.setBigUint64(4, 44n, true);
  [count, count, size, place].forEach((value, i) => view.setBigUint64(24 + 8 * i, BigInt(value), true));
  view.setUint32(56, 0x07064b50, true);
  view.setBigUint64(64, BigInt(place + size), true);
  view.setUint32(72, 1, true);
  return bytes;
}

/** Where the headers and end records of a good zip file lie. */
export interface ZipPlaces {
  local: number[];
  central: number[];
  end: number;
  /** The zip64 end record; undefined where there is none. */
  end64: number | undefined;
}

export function zipPlaces(bytes: Uint8Array): ZipPlaces {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length - 22;
  const count = view.getUint16(end + 10, true);
  const places: ZipPlaces = { local: [], central: [], end, end64: undefined };
  if (view.getUint32(end - 20, true) === 0x07064b50) places.end64 = Number(view.getBigUint64(end - 12, true));
  for (let i = 0, at = view.getUint32(end + 16, true); i < count; i++) {
    places.central.push(at);
    places.local.push(view.getUint32(at + 42, true));
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return places;
}

function header(size: number, signature: number, fields: readonly [at: number, value: number][]): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  for (const [at, value] of fields) view.setUint16(at, value, true);
  return bytes;
}

function set32(bytes: Uint8Array, fields: readonly [at: number, value: number][]): void {
  const view = new DataView(bytes.buffer);
  for (const [at, value] of fields) view.setUint32(at, value, true);
}

/** What does not fit 32 bits is all ones there, and follows in the extra field. */
function clip(value: bigint): number {
  return value < 0n || value >= 0xffffffffn ? 0xffffffff : Number(value);
}
