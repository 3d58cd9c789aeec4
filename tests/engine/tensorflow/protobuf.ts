/** Protocol buffers by hand, as far as the tests need them: https://protobuf.dev/programming-guides/encoding */

const encoder = new TextEncoder();

/** One field of a message: whole numbers as varints, everything else by length. Messages are joined with `message`. */
export function field(number: number, value: number | string | Uint8Array): Uint8Array<ArrayBuffer> {
  if (typeof value === "number") return Uint8Array.from([...varint(number << 3), ...varint(value)]);
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return Uint8Array.from([...varint((number << 3) | 2), ...varint(bytes.length), ...bytes]);
}

/** A message of these fields. */
export function message(...fields: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(fields.flatMap((bytes) => [...bytes]));
}

/** One entry of a map: a message with a key and a value. */
export function entry(key: string, value: Uint8Array): Uint8Array<ArrayBuffer> {
  return message(field(1, key), field(2, value));
}

function varint(value: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
