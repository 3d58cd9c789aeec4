const encoder = new TextEncoder();
const encoded = new Map<string, Uint8Array<ArrayBuffer>>();

/**
 * A string as C reads it: UTF-8 with a zero at the end. Kept for good: TensorFlow remembers some names by address, and
 * the names of ops and attributes are few and come again with every call.
 */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  let bytes = encoded.get(text);
  if (!bytes) encoded.set(text, bytes = encoder.encode(text + "\0"));
  return bytes;
}

/** The text at a C string's address. */
export function fromCString(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

let pointedTo: readonly ArrayBufferView<ArrayBuffer>[] = [];

/** The addresses of buffers, as an array of pointers in C. The buffers are kept alive until the next call. */
export function pointersTo(buffers: readonly ArrayBufferView<ArrayBuffer>[]): BigUint64Array<ArrayBuffer> {
  pointedTo = buffers;
  return BigUint64Array.from(pointedTo, (buffer) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer)));
}
