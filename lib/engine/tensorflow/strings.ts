import type { CApi } from "./capi.ts";

/** Bytes of a TF_TString: a short string itself, or its size, capacity and address. */
const STRING_BYTES = 24;

/** The strings of a string tensor, as bytes, copied out of TensorFlow's memory. */
export function readStrings(api: CApi, tensor: Deno.PointerValue, count: number): Uint8Array<ArrayBuffer>[] {
  const first = api.TF_TensorData(tensor);
  return Array.from({ length: count }, (_, i) => {
    const string = at(first, i);
    const bytes = new Uint8Array(Number(api.TF_StringGetSize(string)));
    const data = api.TF_StringGetDataPointer(string);
    if (bytes.length > 0) Deno.UnsafePointerView.copyInto(data as Deno.PointerObject, bytes);
    return bytes;
  });
}

/** Puts strings into a tensor that was allocated for them with `stringTensorBytes`. */
export function writeStrings(api: CApi, tensor: Deno.PointerValue, strings: readonly Uint8Array[]): void {
  const first = api.TF_TensorData(tensor);
  strings.forEach((bytes, i) => {
    api.TF_StringInit(at(first, i));
    api.TF_StringCopy(at(first, i), bytes as Uint8Array<ArrayBuffer>, BigInt(bytes.length));
  });
}

/** The size of a tensor of `count` strings, in bytes, without what long strings keep elsewhere. */
export function stringTensorBytes(count: number): number {
  return count * STRING_BYTES;
}

function at(first: Deno.PointerValue, index: number): Deno.PointerValue {
  return Deno.UnsafePointer.offset(first as Deno.PointerObject, index * STRING_BYTES);
}
