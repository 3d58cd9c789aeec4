import { opcode as op } from "../../lib/weights/opcodes.ts";

/** One instruction of a pickle: its code, and its argument's bytes as they are in the file, a length in front of them included. */
export interface Instruction {
  code: number;
  argument: Uint8Array;
}

export type Program = Instruction[];

type Layout = { bytes: number } | { prefix: number } | { lines: number };

/** How arguments are laid out: so many bytes, a length of so many bytes and what it counts, or so many lines. Others have none. */
export const layouts: ReadonlyMap<number, Layout> = new Map<number, Layout>([
  ...[op.PROTO, op.BININT1, op.BINPUT, op.BINGET].map((code) => [code, { bytes: 1 }] as const),
  [op.BININT2, { bytes: 2 }],
  ...[op.BININT, op.LONG_BINPUT, op.LONG_BINGET].map((code) => [code, { bytes: 4 }] as const),
  ...[op.BINFLOAT, op.FRAME].map((code) => [code, { bytes: 8 }] as const),
  ...[op.LONG1, op.SHORT_BINSTRING, op.SHORT_BINBYTES, op.SHORT_BINUNICODE].map((code) =>
    [code, { prefix: 1 }] as const
  ),
  ...[op.LONG4, op.BINSTRING, op.BINUNICODE, op.BINBYTES].map((code) => [code, { prefix: 4 }] as const),
  ...[op.BINUNICODE8, op.BINBYTES8, op.BYTEARRAY8].map((code) => [code, { prefix: 8 }] as const),
  ...[op.INT, op.LONG, op.FLOAT, op.PUT, op.GET].map((code) => [code, { lines: 1 }] as const),
  [op.GLOBAL, { lines: 2 }],
]);

/** Takes the pickle at `at` apart, which must be a good one, up to and with its STOP. */
export function parsePickle(bytes: Uint8Array, at = 0): { program: Program; end: number } {
  const program: Program = [];
  while (true) {
    const code = bytes[at++];
    const length = argumentLength(bytes, at, layouts.get(code));
    program.push({ code, argument: bytes.slice(at, at + length) });
    at += length;
    if (code === op.STOP) return { program, end: at };
  }
}

function argumentLength(bytes: Uint8Array, at: number, layout: Layout | undefined): number {
  if (!layout) return 0;
  if ("bytes" in layout) return layout.bytes;
  if ("prefix" in layout) {
    let length = 0;
    for (let i = layout.prefix - 1; i >= 0; i--) length = length * 256 + bytes[at + i];
    return layout.prefix + length;
  }
  let end = at;
  for (let line = 0; line < layout.lines; line++) end = bytes.indexOf(10, end) + 1;
  return end - at;
}

/** Puts the instructions together again. */
export function assemble(program: Program): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(program.reduce((size, { argument }) => size + 1 + argument.length, 0));
  let at = 0;
  for (const { code, argument } of program) {
    bytes[at] = code;
    bytes.set(argument, at + 1);
    at += 1 + argument.length;
  }
  return bytes;
}

const utf8 = new TextEncoder();

/** Instructions without an argument. */
export function plain(...codes: number[]): Program {
  return codes.map((code) => ({ code, argument: new Uint8Array() }));
}

/** Pushes a whole number of any size. */
export function int(value: number | bigint): Instruction {
  const number = BigInt(value);
  if (number >= 0n && number < 256n) return { code: op.BININT1, argument: Uint8Array.of(Number(number)) };
  let length = 1;
  while (BigInt.asIntN(8 * length, number) !== number) length++;
  const bytes = Array.from({ length }, (_, i) => Number(BigInt.asUintN(8, number >> BigInt(8 * i))));
  return { code: op.LONG1, argument: Uint8Array.of(length, ...bytes) };
}

/** Pushes a text. */
export function text(value: string): Instruction {
  const bytes = utf8.encode(value);
  const argument = new Uint8Array(4 + bytes.length);
  new DataView(argument.buffer).setUint32(0, bytes.length, true);
  argument.set(bytes, 4);
  return { code: op.BINUNICODE, argument };
}

/** Pushes a name of Python's. */
export function global(module: string, name: string): Instruction {
  return { code: op.GLOBAL, argument: utf8.encode(`${module}\n${name}\n`) };
}

/** Pushes a tuple of whole numbers. */
export function tuple(values: readonly (number | bigint)[]): Program {
  return [...plain(op.MARK), ...values.map(int), ...plain(op.TUPLE)];
}

/** Keeps what is on top of the stack, or pushes what was kept. */
export function memo(code: typeof op.LONG_BINPUT | typeof op.LONG_BINGET, index: number): Instruction {
  const argument = new Uint8Array(4);
  new DataView(argument.buffer).setUint32(0, index, true);
  return { code, argument };
}
