import type { Entry } from "../weights/state_dict.ts";

/** So many filters at a time: what is written of them is a whole line of the processor's cache. */
const group = 16;
/** Memory for filters on their way: the same for all layers, whose groups seldom need more. */
const shared = new Uint8Array(2 ** 19);

/**
 * Reads filters in torch's order, `[out, in / groups, kh, kw]`, to where they stay in the engine's, `[kh, kw, in / groups, out]`.
 *
 * As the engine's own transpose, but some filters at a time: no place is needed where all of a layer lie in torch's order.
 */
export function readFilters(
  readPieces: NonNullable<Entry["readPieces"]>,
  into: Float32Array,
  [out, channels, height, width]: readonly number[],
): void {
  const area = height * width;
  const length = channels * area;
  const groupBytes = group * length * 4;
  const groups = Math.floor(shared.length / groupBytes);
  const piece = groups > 0 ? shared.subarray(0, groups * groupBytes) : new Uint8Array(groupBytes);
  readPieces(piece, (bytes, at) => {
    const filters = floats(bytes), before = at / (length * 4), count = filters.length / length;
    for (let first = 0; first < count; first += group) {
      const end = Math.min(first + group, count);
      for (let channel = 0; channel < channels; channel++) {
        for (let place = 0; place < area; place++) {
          let from = first * length + channel * area + place;
          const row = (place * channels + channel) * out + before;
          for (let to = row + first; to < row + end; to++, from += length) into[to] = filters[from];
        }
      }
    }
  });
}

/** Bytes as the numbers that they are. */
export function floats({ buffer, byteOffset, byteLength }: Uint8Array): Float32Array {
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}
