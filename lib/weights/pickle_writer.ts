import { opcode as op } from "./opcodes.ts";

const utf8 = new TextEncoder();

/**
 * Writes a pickle of protocol 2, instruction by instruction, as Python's own pickler does for the same values: names of
 * Python's and values that may be used again are put into the memo, and taken from it the second time.
 */
export class PickleWriter {
  #bytes = new Uint8Array(1 << 12);
  #length = 0;
  readonly #memo = new Map<string, number>();
  #memoSize = 0;

  constructor() {
    this.code("PROTO");
    this.#byte(2);
  }

  /** An instruction without an argument. */
  code(...names: (keyof typeof op)[]): void {
    for (const name of names) this.#byte(op[name]);
  }

  /** A name of Python's. */
  global(module: string, name: string): void {
    this.#once(`global ${module} ${name}`, () => {
      this.code("GLOBAL");
      this.#write(utf8.encode(`${module}\n${name}\n`));
    });
  }

  /** Text; the same text is written once where `sameAgain` says that it is the same Python string. */
  text(text: string, sameAgain = false): void {
    const write = () => {
      const bytes = utf8.encode(text);
      this.code("BINUNICODE");
      this.#uint(bytes.length, 4);
      this.#write(bytes);
    };
    if (sameAgain) return this.#once(`text ${text}`, write);
    write();
    this.memoize();
  }

  /** A whole number up to 2⁵³ in size. */
  int(value: number): void {
    if (value < 0) {
      if (value < -(2 ** 31)) return this.#long(value);
      this.code("BININT");
      this.#uint(value >>> 0, 4);
    } else if (value < 1 << 8) {
      this.code("BININT1");
      this.#uint(value, 1);
    } else if (value < 1 << 16) {
      this.code("BININT2");
      this.#uint(value, 2);
    } else if (value < 2 ** 31) {
      this.code("BININT");
      this.#uint(value, 4);
    } else {
      this.#long(value);
    }
  }

  /** A float, as 8 bytes, big-endian. */
  float(value: number): void {
    this.code("BINFLOAT");
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    this.#write(bytes);
  }

  /** A tuple of whole numbers. */
  ints(values: readonly number[]): void {
    if (values.length === 0) return this.code("EMPTY_TUPLE");
    if (values.length > 3) this.code("MARK");
    for (const value of values) this.int(value);
    this.code(values.length > 3 ? "TUPLE" : (["TUPLE1", "TUPLE2", "TUPLE3"] as const)[values.length - 1]);
    this.memoize();
  }

  /** Puts the value on top of the stack into the memo, and says where. */
  memoize(): number {
    const index = this.#memoSize++;
    this.code(index < 256 ? "BINPUT" : "LONG_BINPUT");
    this.#uint(index, index < 256 ? 1 : 4);
    return index;
  }

  /** Takes a value from the memo. */
  again(index: number): void {
    this.code(index < 256 ? "BINGET" : "LONG_BINGET");
    this.#uint(index, index < 256 ? 1 : 4);
  }

  /** The finished pickle. */
  bytes(): Uint8Array {
    this.code("STOP");
    return this.#bytes.slice(0, this.#length);
  }

  #once(key: string, write: () => void): void {
    const index = this.#memo.get(key);
    if (index !== undefined) return this.again(index);
    write();
    this.#memo.set(key, this.memoize());
  }

  /** Little-endian two's complement in as few bytes as keep its sign. */
  #long(value: number): void {
    const bytes: number[] = [];
    let rest = BigInt(value);
    do {
      bytes.push(Number(rest & 255n));
      rest >>= 8n;
    } while (!(rest === 0n && bytes.at(-1)! < 128) && !(rest === -1n && bytes.at(-1)! > 127));
    this.code("LONG1");
    this.#byte(bytes.length);
    this.#write(Uint8Array.from(bytes));
  }

  #uint(value: number, length: number): void {
    for (let i = 0; i < length; i++) this.#byte(value >>> (8 * i) & 255);
  }

  #byte(value: number): void {
    this.#write(Uint8Array.of(value));
  }

  #write(bytes: Uint8Array): void {
    if (this.#length + bytes.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#length + bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}
