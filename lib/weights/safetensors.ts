import { bytesOf, bytesPerElement, type DType, elementCount, emptyArray, type TypedArray } from "./dtype.ts";
import { withBytes } from "./entry_bytes.ts";
import { describeJson, isObject, parseHeader } from "./json_header.ts";
import { inPieces, type TakePiece } from "./pieces.ts";
import { quoted } from "./quoted.ts";
import { readBytes, type Source } from "./source.ts";
import { type Entry, StateDict } from "./state_dict.ts";

/**
 * safetensors, a file of tensors that can hold nothing else: the length of a header (8 bytes), the header (JSON: each tensor's
 * element type, shape and place), then the tensors' bytes one after the other.
 * https://huggingface.co/docs/safetensors
 *
 * @module
 */

const names: Record<DType, string> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};
const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as DType]));

const prefix = 8;
const headerLimit = 100_000_000; // that of the format's own library
const axesLimit = 64;

/** A tensor as a header describes it. */
interface Described {
  name: string;
  dtype: DType;
  shape: number[];
  start: number;
  end: number;
}

/**
 * Reads the header of a safetensors file; each tensor is read when its `data()` is called. What the file says of itself goes to
 * `metadata`.
 *
 * @throws {TypeError | RangeError} where the file is not whole, or its header describes something else than its bytes
 */
export function readSafetensors(source: Source): StateDict {
  const { header, begin } = readHeader(source);
  const { __metadata__: metadata, ...tensors } = header;
  // In the order of their bytes: that of the header is lost where names look like numbers.
  const described = Object.entries(tensors).map(([name, tensor]) => describedTensor(name, tensor))
    .toSorted((a, b) => a.start - b.start || a.end - b.end);
  checkPlaces(described, source.size - begin);
  return StateDict.from(
    described.map((tensor) => [tensor.name, entryOf(source, begin, tensor)] as const),
    checkedMetadata(metadata),
  );
}

/** Writes a state dict as a safetensors file into a sink that takes the bytes in order, its texts among the metadata with it. */
export async function writeSafetensors(
  stateDict: StateDict,
  sink: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const texts = Object.entries(stateDict.metadata).filter(([, value]) => typeof value === "string");
  const header: [string, unknown][] = [["__metadata__", { format: "pt", ...Object.fromEntries(texts) }]];
  let place = 0;
  for (const [name, { dtype, shape }] of stateDict) {
    if (name === "__metadata__") throw new TypeError('safetensors keeps the name "__metadata__" for itself; rename it');
    const end = place + elementCount(shape) * bytesPerElement(dtype);
    header.push([name, { dtype: names[dtype], shape, data_offsets: [place, end] }]);
    place = end;
  }
  // fromEntries would take a tensor called "1" to the front and lose "__proto__".
  const json = `{${header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`;
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8; // so that every number lies at a multiple of its size
  const bytes = new Uint8Array(prefix + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, prefix);
  await sink(bytes);
  for (const [name, entry] of stateDict) await withBytes(name, entry, sink);
}

/** Whether a file begins as safetensors does. */
export function isSafetensors(head: Uint8Array): boolean {
  if (head.length < prefix + 2 || head[8] !== 0x7b) return false;
  return head[6] === 0 && head[7] === 0 && [0x22, 0x7d, 0x20, 0x0a].includes(head[9]);
}

function readHeader(source: Source): { header: Record<string, unknown>; begin: number } {
  const length = Number(new DataView(readBytes(source, 0, prefix).buffer).getBigUint64(0, true));
  if (length > headerLimit || prefix + length > source.size) {
    const most = Math.min(headerLimit, source.size - prefix);
    throw new RangeError(`expected a header of at most ${most} bytes, found one of ${length}`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(readBytes(source, prefix, length));
  } catch {
    throw new TypeError("expected its header to be text in UTF-8, found bytes that are not");
  }
  return { header: parseHeader(text), begin: prefix + length };
}

function describedTensor(name: string, tensor: unknown): Described {
  const fail = (expected: string, found: unknown): never => {
    throw new TypeError(`expected ${quoted(name)} to have ${expected}, found ${describeJson(found)}`);
  };
  if (!isObject(tensor)) return fail("a dtype, a shape and data_offsets", tensor);
  const { dtype: code, shape, data_offsets: places } = tensor;
  const dtype = dtypes.get(code as string) ?? fail(`one of the dtypes ${[...dtypes.keys()].join(", ")}`, code);
  if (!isCounts(shape) || shape.length > axesLimit) return fail("a shape of whole numbers", shape);
  if (!isCounts(places) || places.length !== 2) return fail("data_offsets of two whole numbers", places);
  const [start, end] = places;
  const bytes = elementCount(shape) * bytesPerElement(dtype);
  if (end - start === bytes) return { name, dtype, shape, start, end };
  throw new RangeError(
    `expected ${bytes} bytes for ${quoted(name)} (${code}, [${shape.join(", ")}]), found data_offsets of ${
      end - start
    }`,
  );
}

/** Tensors fill the rest of the file, without gaps and without sharing bytes: nothing is hidden in it. */
function checkPlaces(described: readonly Described[], size: number): void {
  let place = 0;
  for (const { name, start, end } of described) {
    if (start !== place) {
      throw new RangeError(`expected ${quoted(name)} to begin at byte ${place} of the tensors, found ${start}`);
    }
    place = end;
  }
  if (place !== size) throw new RangeError(`expected ${place} bytes of tensors, found ${size}`);
}

function checkedMetadata(metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (isObject(metadata) && Object.values(metadata).every((value) => typeof value === "string")) {
    return metadata as Record<string, string>;
  }
  throw new TypeError(`expected its metadata to be texts by name, found ${describeJson(metadata)}`);
}

function entryOf(source: Source, begin: number, { dtype, shape, start, end }: Described): Entry {
  const readInto: TakePiece = (bytes, at) => source.readInto(bytes, begin + start + at);
  const readPieces = (piece: Uint8Array, use: TakePiece) => inPieces(end - start, piece, readInto, use);
  const dataSync = (): TypedArray => {
    const data = emptyArray(dtype, elementCount(shape));
    readInto(bytesOf(data), 0);
    return data;
  };
  // deno-lint-ignore require-await -- async turns what dataSync throws into a rejection
  return { shape, dtype, dataSync, readPieces, data: async () => dataSync() };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
