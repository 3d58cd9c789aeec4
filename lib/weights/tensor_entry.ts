import { bytesOf, bytesPerElement, type DType, dtypes, elementCount, emptyArray, type TypedArray } from "./dtype.ts";
import { gather, isContiguous } from "./gather.ts";
import { inPieces, type TakePiece } from "./pieces.ts";
import type { TensorView } from "./python.ts";
import { quoted } from "./quoted.ts";
import type { Entry } from "./state_dict.ts";
import type { StorageBytes } from "./storage.ts";

/** An expanded tensor repeats its numbers; beyond this many it is more likely an attack on memory than a weight. */
const repeatLimit = 1 << 24;

/**
 * The entry of a state dict for a tensor in a file: checked now, read when asked for.
 *
 * A contiguous tensor goes from the file straight into its array; others are read as one span and put in C order.
 *
 * @throws {TypeError | RangeError} where the tensor does not fit its storage, or has an element type that thaw does not have
 */
export function tensorEntry(name: string, view: TensorView, bytes: StorageBytes, bigEndian: boolean): Entry {
  const shape = view.size;
  const dtype = supported(name, view);
  checkPlace(name, view, bytesPerElement(dtype));
  const readPieces = (piece: Uint8Array, use: TakePiece): void => {
    try {
      readView(view, dtype, bytes, bigEndian, piece, use);
    } catch (error) {
      throw new Error(`Cannot read ${quoted(name)}: ${(error as Error).message}`, { cause: error });
    }
  };
  const dataSync = (): TypedArray => {
    const data = emptyArray(dtype, elementCount(shape));
    readPieces(bytesOf(data), () => {});
    return data;
  };
  // deno-lint-ignore require-await -- async turns what dataSync throws into a rejection
  return { shape, dtype, dataSync, readPieces, data: async () => dataSync() };
}

/** Whether thaw has the tensor's element type. */
export function isReadable(view: TensorView): boolean {
  return dtypes.includes(view.type.dtype as DType);
}

function supported(name: string, view: TensorView): DType {
  const { dtype } = view.type;
  if (isReadable(view)) return dtype as DType;
  throw new TypeError(
    `${quoted(name)} has the element type ${dtype}: expected one of ${
      dtypes.join(", ")
    }; convert it with tensor.to() in Python`,
  );
}

function checkPlace(name: string, view: TensorView, itemBytes: number): void {
  const { storage, size, stride, offset } = view;
  const elements = elementCount(size);
  const available = Math.floor(storage.elements * storage.type.bytes / itemBytes);
  const end = elements === 0 ? offset : offset + spanOf(size, stride);
  if (!Number.isSafeInteger(elements) || end > available) {
    throw new RangeError(
      `${quoted(name)} [${size.join(", ")}] with strides [${
        stride.join(", ")
      }] at ${offset} lies outside its storage of ` +
        `${available} elements`,
    );
  }
  if (elements > available && elements > repeatLimit) {
    throw new RangeError(`${quoted(name)} [${size.join(", ")}] repeats a storage of ${available} elements too often`);
  }
}

/** The number of storage elements from a tensor's first to its last, both included. */
function spanOf(size: readonly number[], stride: readonly number[]): number {
  return 1 + size.reduce((last, length, axis) => last + (length - 1) * stride[axis], 0);
}

function readView(
  { storage, offset, size, stride }: TensorView,
  dtype: DType,
  bytes: StorageBytes,
  bigEndian: boolean,
  piece: Uint8Array,
  use: TakePiece,
): void {
  const elements = elementCount(size), itemBytes = bytesPerElement(dtype);
  if (elements === 0) return;
  const length = elements * itemBytes;
  const start = (storage.start * storage.type.bytes) + offset * itemBytes;
  const swap = (part: Uint8Array) => bigEndian && swapBytes(part, itemBytes);
  if (isContiguous(size, stride)) {
    const swapped: TakePiece = (part, at) => {
      swap(part);
      use(part, at);
    };
    const isAll = start === 0 && length === storage.elements * storage.type.bytes;
    if (isAll && bytes.readPieces) bytes.readPieces(piece, swapped);
    else inPieces(length, piece, (part, at) => bytes.read(part, start + at), swapped);
    return;
  }
  const span = emptyArray(dtype, spanOf(size, stride));
  bytes.read(bytesOf(span), start);
  swap(bytesOf(span));
  const ordered = emptyArray(dtype, elements);
  gather(span, ordered, size, stride);
  inPieces(length, piece, (part, at) => part.set(bytesOf(ordered).subarray(at, at + part.length)), use);
}

function swapBytes(bytes: Uint8Array, itemBytes: number): void {
  for (let at = 0; at < bytes.length; at += itemBytes) bytes.subarray(at, at + itemBytes).reverse();
}
