import type { DType, TypedArray } from "./dtype.ts";

/**
 * A tensor's bits as float32 numbers, of the same length and order.
 *
 * float16 and bfloat16 widen exactly; float64 and int64 round to the nearest float32, as torch's `.to(torch.float32)`.
 * float32 data comes back as it is, not copied.
 *
 * @example
 * ```ts
 * import { toFloat32 } from "thaw";
 *
 * console.log(toFloat32(new Uint16Array([0x3c00, 0x4000]), "float16")); // 1, 2
 * console.log(toFloat32(new Uint16Array([0x3f80, 0x4000]), "bfloat16")); // 1, 2
 * ```
 */
export function toFloat32(data: TypedArray, dtype: DType): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  if (dtype === "float16") return new Float32Array(halves(data));
  if (dtype === "bfloat16") return widenBfloat16(data as Uint16Array);
  return new Float32Array(data);
}

/** A tensor's bits as float64 numbers: exact for every element type but int64 beyond 2⁵³. */
export function toFloat64(data: TypedArray, dtype: DType): Float64Array {
  if (data instanceof Float64Array) return data;
  if (data instanceof BigInt64Array) return Float64Array.from(data, Number);
  if (dtype === "float16") return new Float64Array(halves(data));
  if (dtype === "bfloat16") return new Float64Array(widenBfloat16(data as Uint16Array));
  return new Float64Array(data);
}

/**
 * Numbers as the bits of an element type: floats round to nearest even, integers drop the fraction, bool is 1 where the
 * number is not 0.
 */
export function fromNumbers(values: ArrayLike<number>, dtype: DType): TypedArray {
  switch (dtype) {
    case "float64":
      return new Float64Array(values);
    case "float32":
      return new Float32Array(values);
    case "float16":
      return new Uint16Array(new Float16Array(values).buffer);
    case "bfloat16":
      return narrowBfloat16(new Float32Array(values));
    case "int64":
      return BigInt64Array.from(Array.from(values, (value) => BigInt(Math.trunc(value))));
    case "int32":
      return new Int32Array(values);
    case "int16":
      return new Int16Array(values);
    case "int8":
      return new Int8Array(values);
    case "uint8":
      return new Uint8Array(values);
    case "bool":
      return Uint8Array.from(Array.from(values, (value) => value ? 1 : 0));
  }
}

function halves(data: TypedArray): Float16Array {
  return new Float16Array(data.buffer, data.byteOffset, data.length);
}

/** bfloat16 is the upper half of a float32. */
function widenBfloat16(data: Uint16Array): Float32Array {
  const bits = new Uint32Array(data.length);
  for (let i = 0; i < data.length; i++) bits[i] = data[i] << 16;
  return new Float32Array(bits.buffer);
}

function narrowBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const narrow = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    // Adding just under half of the last kept bit, plus that bit, rounds to nearest even; a NaN must not be carried
    // over into infinity, so it keeps its upper half with the quiet bit set.
    narrow[i] = Number.isNaN(values[i]) ? (bits[i] >>> 16) | 0x40 : (bits[i] + 0x7fff + ((bits[i] >>> 16) & 1)) >>> 16;
  }
  return narrow;
}
