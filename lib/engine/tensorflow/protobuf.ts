/** One field of an encoded message: its number, and a number or the bytes of a string, a message or packed numbers. */
export interface Field {
  number: number;
  value: number | Uint8Array;
}

/**
 * The fields of a protocol buffer (https://protobuf.dev/programming-guides/encoding), in order.
 *
 * @throws Error where the bytes are none
 */
export function* readFields(bytes: Uint8Array): Generator<Field> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, value: view.getFloat64(skip(8), true) };
        break;
      case 2: {
        const length = varint();
        const start = skip(length);
        yield { number, value: bytes.subarray(start, start + length) };
        break;
      }
      case 5:
        yield { number, value: view.getFloat32(skip(4), true) };
        break;
      default:
        throw new Error(`Cannot read a protocol buffer: expected a field at byte ${at}, found wire type ${tag % 8}`);
    }
  }

  function skip(length: number): number {
    const start = at;
    at += length;
    if (at <= bytes.length) return start;
    throw new Error(`Cannot read a protocol buffer: expected ${at} bytes, found ${bytes.length}`);
  }

  /** Exact up to 2⁵³; negative numbers come out as large ones. */
  function varint(): number {
    for (let value = 0, factor = 1;; factor *= 128) {
      const byte = bytes[skip(1)];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
}

/** Numbers of a repeated field: one by itself, or several packed. */
export function readNumbers(value: Field["value"]): number[] {
  if (typeof value === "number") return [value];
  const numbers: number[] = [];
  for (let i = 0, number = 0, factor = 1; i < value.length; i++) {
    number += (value[i] & 127) * factor;
    factor *= 128;
    if (value[i] >= 128) continue;
    numbers.push(number);
    [number, factor] = [0, 1];
  }
  return numbers;
}

/** The text of a string field. */
export function readText(value: Field["value"]): string {
  return new TextDecoder().decode(value as Uint8Array);
}
