import type { CApi } from "./capi.ts";
import { elementType, TF_INT64, TF_STRING, type TypedValues } from "./dtypes.ts";
import { readStrings, stringTensorBytes, writeStrings } from "./strings.ts";

/** A tensor's values on the JavaScript side: a typed array, or strings as their bytes. */
export type HostValues = TypedValues | Uint8ClampedArray | readonly Uint8Array[];

/**
 * A tensor in the main memory of TensorFlow (TF_Tensor) with a copy of the given values. The caller deletes it.
 *
 * @throws TypeError when the values do not fit the element type, RangeError when they do not fit the shape
 */
export function writeHostTensor(
  api: CApi,
  shape: readonly number[],
  dtype: number,
  values: HostValues,
): Deno.PointerValue {
  const size = shape.reduce((product, length) => product * length, 1);
  if (dtype === TF_STRING) {
    const strings = asStrings(values, shape);
    checkCount(strings.length, size, shape, dtype);
    const tensor = allocate(api, shape, dtype, stringTensorBytes(size));
    writeStrings(api, tensor, strings);
    return tensor;
  }
  const bytes = asBytes(values, shape, dtype);
  checkCount(bytes.length / elementType(dtype).bytes, size, shape, dtype);
  return fillHostTensor(api, shape, dtype, (memory) => memory.set(bytes));
}

/**
 * A tensor in the main memory of TensorFlow (TF_Tensor) whose bytes `fill` writes into their place. The caller deletes it.
 *
 * @param fill is called once, with memory that is no longer valid when it has returned
 */
export function fillHostTensor(
  api: CApi,
  shape: readonly number[],
  dtype: number,
  fill: (memory: Uint8Array) => void,
): Deno.PointerValue {
  const length = shape.reduce((product, side) => product * side, 1) * elementType(dtype).bytes;
  const tensor = allocate(api, shape, dtype, length);
  try {
    fill(hostBytes(api, tensor));
  } catch (error) {
    api.TF_DeleteTensor(tensor);
    throw error;
  }
  return tensor;
}

/** The bytes of a TF_Tensor where they are, as long as nobody deletes it. */
export function hostBytes(api: CApi, tensor: Deno.PointerValue): Uint8Array {
  const length = Number(api.TF_TensorByteSize(tensor));
  if (length === 0) return new Uint8Array();
  const data = api.TF_TensorData(tensor) as Deno.PointerObject;
  return new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(data, length));
}

function allocate(api: CApi, shape: readonly number[], dtype: number, bytes: number): Deno.PointerValue {
  const tensor = api.TF_AllocateTensor(dtype, BigInt64Array.from(shape, BigInt), shape.length, BigInt(bytes));
  if (tensor !== null && (bytes === 0 || api.TF_TensorData(tensor) !== null)) return tensor;
  throw new Error(`Cannot make ${describe(shape, dtype)}: expected ${bytes} bytes of free memory, found less`);
}

/**
 * A copy of the values of a TF_Tensor.
 *
 * @returns the typed array of its element type (bfloat16 and float16 as float32, complex numbers as pairs), or strings
 */
export function readHostTensor(
  api: CApi,
  tensor: Deno.PointerValue,
  shape: readonly number[],
  dtype: number,
): TypedValues | Uint8Array[] {
  if (dtype === TF_STRING) return readStrings(api, tensor, shape.reduce((product, length) => product * length, 1));
  const { name, array, decode } = elementType(dtype);
  if (!array) throw new TypeError(`Cannot read a tensor of ${name}: JavaScript has nothing to hold its values`);
  const bits = new ArrayBuffer(Number(api.TF_TensorByteSize(tensor)));
  if (bits.byteLength > 0) Deno.UnsafePointerView.copyInto(api.TF_TensorData(tensor) as Deno.PointerObject, bits);
  return decode ? decode(bits) : new array(bits);
}

/** A tensor in an error's text: `[1, 8, 8, 3] float32`. */
export function describe(shape: readonly number[], dtype: number): string {
  return `[${shape.join(", ")}] ${elementType(dtype).name}`;
}

function asStrings(values: HostValues, shape: readonly number[]): readonly Uint8Array[] {
  if (Array.isArray(values) && values.every((value) => value instanceof Uint8Array)) return values;
  throw new TypeError(
    `Cannot make ${describe(shape, TF_STRING)}: expected an array of Uint8Array, found ${nameOf(values)}`,
  );
}

function asBytes(values: HostValues, shape: readonly number[], dtype: number): Uint8Array {
  const { array, bytes } = elementType(dtype);
  const refuse = (expected: string) =>
    new TypeError(`Cannot make ${describe(shape, dtype)}: expected ${expected}, found ${nameOf(values)}`);
  if (!array || bytes === 0) throw refuse("an element type that JavaScript has values of");
  // tfjs-node passes int64 as pairs of int32, the lower half first.
  const fits = values instanceof array || (dtype === TF_INT64 && values instanceof Int32Array) ||
    (array === Uint8Array && values instanceof Uint8ClampedArray);
  if (!fits) throw refuse(array.name);
  const { buffer, byteOffset, byteLength } = values as TypedValues;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function checkCount(found: number, expected: number, shape: readonly number[], dtype: number): void {
  if (found === expected) return;
  throw new RangeError(`Cannot make ${describe(shape, dtype)}: expected ${expected} values, found ${found}`);
}

function nameOf(values: unknown): string {
  return values === null || values === undefined ? String(values) : values.constructor.name;
}
