import { checksum } from "./checksum.ts";

const max32 = 0xffffffff;
const alignment = 64;
const localSize = 30, headerSize = 46;

/** Names are UTF-8; checksum and size follow the data, where there is any. */
const flags = (entry: Written) => entry.size > 0 ? 0x0808 : 0x0800;

interface Written {
  name: Uint8Array;
  crc: number;
  size: number;
  offset: number;
}

/**
 * Writes a zip file front to back, each file stored as it is and beginning at a multiple of 64 bytes, laid out byte for
 * byte as torch.save does: readers of such files (torch's own, with mmap) compute the places rather than look them up.
 */
export class ZipWriter {
  readonly #written: Written[] = [];
  #position: number;

  /**
   * @param sink takes the bytes in order
   * @param start where in the file the sink begins
   */
  constructor(readonly sink: (bytes: Uint8Array) => Promise<void>, start = 0) {
    this.#position = start;
  }

  /** Writes one file. */
  async add(name: string, bytes: Uint8Array): Promise<void> {
    const entry = {
      name: new TextEncoder().encode(name),
      crc: checksum(bytes),
      size: bytes.length,
      offset: this.#position,
    };
    const large = entry.size >= max32 || entry.offset >= max32;
    const extra = large ? zip64Field(entry, true) : new Uint8Array();
    const place = this.#position + localSize + entry.name.length + extra.length + 4;
    const padding = (alignment - place % alignment) % alignment;
    await this.#write(localHeader(entry, extra, padding));
    await this.#write(bytes);
    if (entry.size > 0) await this.#write(descriptor(entry, large));
    this.#written.push(entry);
  }

  /** Writes the directory, without which the file is not a zip file. */
  async finish(): Promise<void> {
    const offset = this.#position;
    for (const entry of this.#written) await this.#write(directoryHeader(entry));
    const size = this.#position - offset;
    await this.#write(endRecords(this.#written.length, size, offset));
  }

  async #write(bytes: Uint8Array): Promise<void> {
    await this.sink(bytes);
    this.#position += bytes.length;
  }
}

function localHeader(entry: Written, extra: Uint8Array, padding: number): Uint8Array {
  const bytes = new Uint8Array(localSize + entry.name.length + extra.length + 4 + padding);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(4, extra.length ? 45 : 0, true);
  view.setUint16(6, flags(entry), true);
  if (extra.length) {
    const sizes = entry.size >= max32 ? max32 : 0;
    view.setUint32(18, sizes, true);
    view.setUint32(22, sizes, true);
  }
  view.setUint16(26, entry.name.length, true);
  view.setUint16(28, extra.length + 4 + padding, true);
  bytes.set(entry.name, localSize);
  bytes.set(extra, localSize + entry.name.length);
  // The padding is an extra field of its own kind, "FB", filled with Z.
  const field = localSize + entry.name.length + extra.length;
  bytes.set([0x46, 0x42], field);
  view.setUint16(field + 2, padding, true);
  bytes.fill(0x5a, field + 4);
  return bytes;
}

function descriptor(entry: Written, large: boolean): Uint8Array {
  const bytes = new Uint8Array(large ? 24 : 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x08074b50, true);
  view.setUint32(4, entry.crc, true);
  if (large) {
    view.setBigUint64(8, BigInt(entry.size), true);
    view.setBigUint64(16, BigInt(entry.size), true);
  } else {
    view.setUint32(8, entry.size, true);
    view.setUint32(12, entry.size, true);
  }
  return bytes;
}

function directoryHeader(entry: Written): Uint8Array {
  const extra = zip64Field(entry, false);
  const bytes = new Uint8Array(headerSize + entry.name.length + extra.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x02014b50, true);
  view.setUint16(6, extra.length ? 45 : 0, true);
  view.setUint16(8, flags(entry), true);
  view.setUint32(16, entry.crc, true);
  view.setUint32(20, Math.min(entry.size, max32), true);
  view.setUint32(24, Math.min(entry.size, max32), true);
  view.setUint16(28, entry.name.length, true);
  view.setUint16(30, extra.length, true);
  view.setUint32(42, Math.min(entry.offset, max32), true);
  bytes.set(entry.name, headerSize);
  bytes.set(extra, headerSize + entry.name.length);
  return bytes;
}

/** What does not fit 32 bits; empty where everything does. The sizes in a local header follow the data. */
function zip64Field(entry: Written, local: boolean): Uint8Array {
  const values: number[] = [];
  if (entry.size >= max32) values.push(local ? 0 : entry.size, local ? 0 : entry.size);
  if (entry.offset >= max32) values.push(entry.offset);
  if (values.length === 0) return new Uint8Array();
  const view = new DataView(new ArrayBuffer(4 + 8 * values.length));
  view.setUint16(0, 1, true);
  view.setUint16(2, 8 * values.length, true);
  values.forEach((value, i) => view.setBigUint64(4 + 8 * i, BigInt(value), true));
  return new Uint8Array(view.buffer);
}

/** torch always writes the zip64 end record, its locator and the plain end record. */
function endRecords(count: number, size: number, offset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(56 + 20 + 22));
  view.setUint32(0, 0x06064b50, true);
  view.setBigUint64(4, 44n, true);
  view.setUint16(12, 0x031e, true);
  view.setUint16(14, 45, true);
  view.setBigUint64(24, BigInt(count), true);
  view.setBigUint64(32, BigInt(count), true);
  view.setBigUint64(40, BigInt(size), true);
  view.setBigUint64(48, BigInt(offset), true);
  view.setUint32(56, 0x07064b50, true);
  view.setBigUint64(64, BigInt(offset + size), true);
  view.setUint32(72, 1, true);
  view.setUint32(76, 0x06054b50, true);
  view.setUint16(84, Math.min(count, 0xffff), true);
  view.setUint16(86, Math.min(count, 0xffff), true);
  view.setUint32(88, Math.min(size, max32), true);
  view.setUint32(92, Math.min(offset, max32), true);
  return new Uint8Array(view.buffer);
}
