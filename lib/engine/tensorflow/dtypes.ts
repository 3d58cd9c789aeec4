/** How TensorFlow stores one element type, and what a tensor of it is read into. */
export interface ElementType {
  name: string;
  /** Bytes of one element; 0 where elements vary in size. */
  bytes: number;
  /** What holds the elements' own bits on the JavaScript side. */
  array?: TypedArrayConstructor;
  /** Turns those bits into numbers, where JavaScript's own arrays cannot. */
  decode?: (bits: ArrayBuffer) => TypedValues;
}

/** Every typed array that a tensor can be made of or read into. */
export type TypedValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

type TypedArrayConstructor = { new (buffer: ArrayBuffer): TypedValues; name: string };

/** TensorFlow's numbers for element types (TF_DataType in tf_datatype.h). */
export const TF_FLOAT = 1;
export const TF_INT32 = 3;
export const TF_UINT8 = 4;
export const TF_STRING = 7;
export const TF_COMPLEX64 = 8;
export const TF_INT64 = 9;
export const TF_BOOL = 10;
export const TF_RESOURCE = 20;

const TYPES: Record<number, ElementType> = {
  [TF_FLOAT]: { name: "float32", bytes: 4, array: Float32Array },
  2: { name: "float64", bytes: 8, array: Float64Array },
  [TF_INT32]: { name: "int32", bytes: 4, array: Int32Array },
  [TF_UINT8]: { name: "uint8", bytes: 1, array: Uint8Array },
  5: { name: "int16", bytes: 2, array: Int16Array },
  6: { name: "int8", bytes: 1, array: Int8Array },
  [TF_STRING]: { name: "string", bytes: 0 },
  [TF_COMPLEX64]: { name: "complex64", bytes: 8, array: Float32Array },
  [TF_INT64]: { name: "int64", bytes: 8, array: BigInt64Array },
  [TF_BOOL]: { name: "bool", bytes: 1, array: Uint8Array },
  14: { name: "bfloat16", bytes: 2, array: Uint16Array, decode: fromBfloat16 },
  17: { name: "uint16", bytes: 2, array: Uint16Array },
  18: { name: "complex128", bytes: 16, array: Float64Array },
  19: { name: "float16", bytes: 2, array: Uint16Array, decode: fromFloat16 },
  [TF_RESOURCE]: { name: "resource", bytes: 0, array: Uint8Array },
  21: { name: "variant", bytes: 0 },
  22: { name: "uint32", bytes: 4, array: Uint32Array },
  23: { name: "uint64", bytes: 8, array: BigUint64Array },
};

/** What is known of one of TensorFlow's element types, by its number. */
export function elementType(dtype: number): ElementType {
  return TYPES[dtype] ?? { name: `dtype ${dtype}`, bytes: 0 };
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(bits: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(bits), (half) => half << 16).buffer);
}

function fromFloat16(bits: ArrayBuffer): Float32Array {
  return Float32Array.from(new Float16Array(bits));
}
