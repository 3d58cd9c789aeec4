import type * as tf from "@tensorflow/tfjs";

/** How TensorFlow stores one element type, and what a tensor of it is read into. */
export interface ElementType {
  name: string;
  /** Bytes of one element; 0 where elements vary in size. */
  bytes: number;
  /** What holds the elements' own bits on the JavaScript side. */
  array?: TypedArrayConstructor;
  /** Turns those bits into numbers, where JavaScript's own arrays cannot. */
  decode?: (bits: ArrayBuffer) => TypedValues;
  /** The type that tfjs knows such a tensor by; none where it cannot have one. */
  tfjs?: tf.DataType;
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
export const TF_BFLOAT16 = 14;
export const TF_RESOURCE = 20;

const TYPES: Record<number, ElementType> = {
  [TF_FLOAT]: { name: "float32", bytes: 4, array: Float32Array, tfjs: "float32" },
  2: { name: "float64", bytes: 8, array: Float64Array, tfjs: "float32" },
  [TF_INT32]: { name: "int32", bytes: 4, array: Int32Array, tfjs: "int32" },
  [TF_UINT8]: { name: "uint8", bytes: 1, array: Uint8Array, tfjs: "int32" },
  5: { name: "int16", bytes: 2, array: Int16Array, tfjs: "int32" },
  6: { name: "int8", bytes: 1, array: Int8Array, tfjs: "int32" },
  [TF_STRING]: { name: "string", bytes: 0, tfjs: "string" },
  [TF_COMPLEX64]: { name: "complex64", bytes: 8, array: Float32Array, tfjs: "complex64" },
  [TF_INT64]: { name: "int64", bytes: 8, array: BigInt64Array, tfjs: "int32" },
  [TF_BOOL]: { name: "bool", bytes: 1, array: Uint8Array, tfjs: "bool" },
  [TF_BFLOAT16]: { name: "bfloat16", bytes: 2, array: Uint16Array, decode: fromBfloat16, tfjs: "float32" },
  17: { name: "uint16", bytes: 2, array: Uint16Array, tfjs: "int32" },
  18: { name: "complex128", bytes: 16, array: Float64Array },
  19: { name: "float16", bytes: 2, array: Uint16Array, decode: fromFloat16, tfjs: "float32" },
  [TF_RESOURCE]: { name: "resource", bytes: 0, array: Uint8Array, tfjs: "string" },
  21: { name: "variant", bytes: 0 },
  22: { name: "uint32", bytes: 4, array: Uint32Array },
  23: { name: "uint64", bytes: 8, array: BigUint64Array },
};

/** What is known of one of TensorFlow's element types, by its number. */
export function elementType(dtype: number): ElementType {
  return TYPES[dtype] ?? { name: `dtype ${dtype}`, bytes: 0 };
}

/** The type by which tfjs knows tensors of one of TensorFlow's, as tfjs-node has it. */
export function tfjsType(dtype: number): tf.DataType | undefined {
  return elementType(dtype).tfjs;
}

/** The bits of the bfloat16 that is nearest to a number, of two that are as near the even one. */
export function bfloat16Bits(value: number): number {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer);
  if (Number.isNaN(value)) return 0x7fc0;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(bits: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(bits), (half) => half << 16).buffer);
}

function fromFloat16(bits: ArrayBuffer): Float32Array {
  return Float32Array.from(new Float16Array(bits));
}
