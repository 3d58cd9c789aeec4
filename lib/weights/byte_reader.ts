import { readBytes, type Source } from "./source.ts";

const chunk = 1 << 16;
const lineLimit = 4096;
const lineFeed = 10;
const utf8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** Reads a source front to back, a chunk at a time: pickles say only as they are read where they end. */
export class ByteReader {
  #source: Source;
  #buffer = new Uint8Array(0);
  #view = new DataView(this.#buffer.buffer);
  #start: number; // where the buffer begins in the source
  #at = 0; // how much of the buffer has been read

  constructor(source: Source, position = 0) {
    this.#source = source;
    this.#start = position;
  }

  /** Where the next byte will be read. */
  get position(): number {
    return this.#start + this.#at;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#source.size - this.position;
  }

  uint8(): number {
    const at = this.#take(1); // before #view is looked at: it may be replaced
    return this.#view.getUint8(at);
  }

  uint16(): number {
    const at = this.#take(2);
    return this.#view.getUint16(at, true);
  }

  uint32(): number {
    const at = this.#take(4);
    return this.#view.getUint32(at, true);
  }

  int32(): number {
    const at = this.#take(4);
    return this.#view.getInt32(at, true);
  }

  /** A length of eight bytes; more than 2⁵³ is more than any file. */
  length64(): number {
    const at = this.#take(8);
    return Number(this.#view.getBigUint64(at, true));
  }

  /** Big-endian, as pickle's BINFLOAT. */
  float64(): number {
    const at = this.#take(8);
    return this.#view.getFloat64(at, false);
  }

  /** The next bytes, copied. */
  bytes(length: number): Uint8Array<ArrayBuffer> {
    const at = this.#take(length);
    return this.#buffer.slice(at, at + length);
  }

  /** The next bytes as UTF-8 text. */
  text(length: number): string {
    const at = this.#take(length);
    return utf8.decode(this.#buffer.subarray(at, at + length));
  }

  /** The text up to a line feed, which is read and not returned. */
  line(): string {
    this.#fill(Math.min(lineLimit, this.remaining));
    const end = this.#buffer.indexOf(lineFeed, this.#at);
    if (end < 0 || end - this.#at >= lineLimit) {
      throw new RangeError(
        `expected a line of text of up to ${lineLimit} bytes at ${this.position}, found no end of it`,
      );
    }
    const text = this.text(end - this.#at);
    this.#take(1);
    return text;
  }

  #take(length: number): number {
    this.#fill(length);
    const at = this.#at;
    this.#at += length;
    return at;
  }

  #fill(length: number): void {
    const position = this.position;
    if (length <= this.#buffer.length - this.#at) return;
    if (length > this.remaining) {
      throw new RangeError(
        `the file ends too early: expected ${length} more bytes at ${position}, found ${this.remaining}`,
      );
    }
    const size = Math.min(Math.max(length, chunk), this.remaining);
    this.#buffer = readBytes(this.#source, position, size);
    this.#view = new DataView(this.#buffer.buffer);
    this.#start = position;
    this.#at = 0;
  }
}
