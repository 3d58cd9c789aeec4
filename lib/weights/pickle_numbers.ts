import type { ByteReader } from "./byte_reader.ts";
import { describe } from "./python.ts";

const lengthLimit = 128; // of one whole number, in bytes or digits: no count or seed in a checkpoint comes near it

/** A whole number in decimal; a bigint where a number would not be exact. */
export function wholeNumber(text: string): number | bigint {
  if (text.length > lengthLimit || !/^[+-]?\d+$/.test(text)) {
    throw new TypeError(`expected a whole number, found ${describe(text)}`);
  }
  return smallest(BigInt(text.replace("+", "")));
}

/** A whole number in little-endian two's complement. */
export function longNumber(reader: ByteReader, length: number): number | bigint {
  if (length > lengthLimit) throw new RangeError(`expected a whole number of up to ${lengthLimit} bytes`);
  const bytes = reader.bytes(length).reverse();
  return length === 0 ? 0 : smallest(BigInt.asIntN(length * 8, BigInt("0x" + bytes.toHex())));
}

/** A number with a fraction as Python's repr writes it. */
export function floatNumber(text: string): number {
  if (/^[+-]?inf$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(text)) return NaN;
  if (!/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text)) throw new TypeError(`expected a number, found ${describe(text)}`);
  return Number(text);
}

/** The number of a kept value in decimal. */
export function memoIndex(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new TypeError(`expected the number of a kept value, found ${describe(text)}`);
  return Number(text);
}

function smallest(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
