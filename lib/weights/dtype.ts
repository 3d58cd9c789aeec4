/**
 * The element types of a checkpoint and the typed arrays that hold their bits.
 *
 * JavaScript has no array of bfloat16, and its Float16Array is young: both half formats are kept as the 16 bits that
 * the file has, in a Uint16Array, so that what was read can be written again bit for bit.
 */

/** An element type by torch's name (`torch.float32` is `"float32"`). */
export type DType =
  | "float64"
  | "float32"
  | "float16"
  | "bfloat16"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint8"
  | "bool";

/** The bits of a tensor: float16 and bfloat16 as Uint16Array, int64 as BigInt64Array, bool as Uint8Array of 0 and 1. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

interface Layout {
  bytes: number;
  make(buffer: ArrayBuffer, byteOffset: number, length: number): TypedArray;
}

const layouts: Record<DType, Layout> = {
  float64: { bytes: 8, make: (b, o, n) => new Float64Array(b, o, n) },
  float32: { bytes: 4, make: (b, o, n) => new Float32Array(b, o, n) },
  float16: { bytes: 2, make: (b, o, n) => new Uint16Array(b, o, n) },
  bfloat16: { bytes: 2, make: (b, o, n) => new Uint16Array(b, o, n) },
  int64: { bytes: 8, make: (b, o, n) => new BigInt64Array(b, o, n) },
  int32: { bytes: 4, make: (b, o, n) => new Int32Array(b, o, n) },
  int16: { bytes: 2, make: (b, o, n) => new Int16Array(b, o, n) },
  int8: { bytes: 1, make: (b, o, n) => new Int8Array(b, o, n) },
  uint8: { bytes: 1, make: (b, o, n) => new Uint8Array(b, o, n) },
  bool: { bytes: 1, make: (b, o, n) => new Uint8Array(b, o, n) },
};

/** Every element type, widest floats first. */
export const dtypes: readonly DType[] = Object.keys(layouts) as DType[];

/** The size of one element in bytes. */
export function bytesPerElement(dtype: DType): number {
  return layouts[dtype].bytes;
}

/** The number of elements of a shape; 1 for the shape `[]` of a single number. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A new array of zeros for `length` elements. */
export function emptyArray(dtype: DType, length: number): TypedArray {
  return layouts[dtype].make(new ArrayBuffer(length * layouts[dtype].bytes), 0, length);
}

/** The bytes of a typed array, sharing its memory. */
export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * The element type that a typed array stands for when nothing else is said.
 *
 * @throws {TypeError} for a Uint16Array, which may be float16 or bfloat16
 */
export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof BigInt64Array) return "int64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Int16Array) return "int16";
  if (data instanceof Int8Array) return "int8";
  if (data instanceof Uint8Array) return "uint8";
  throw new TypeError('A Uint16Array holds half-precision bits of either kind: say dtype "float16" or "bfloat16"');
}

/** Whether this kind of typed array holds this element type's bits. */
export function fits(data: TypedArray, dtype: DType): boolean {
  return Object.getPrototypeOf(emptyArray(dtype, 0)) === Object.getPrototypeOf(data);
}
