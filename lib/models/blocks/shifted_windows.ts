import type * as tf from "@tensorflow/tfjs";
import { constant } from "../../engine/ops/constant.ts";
import { invertOrder, type RowOrder } from "../../engine/ops/take_rows.ts";

/** Height and width, in pixels. */
export type Sides = readonly [height: number, width: number];

/** How feature maps are cut into windows. */
export interface ShiftedWindows {
  /** How many windows a map is cut into. */
  count: number;
  /** The pixels, window by window; −1 is padding. */
  order: RowOrder;
  /** The way back, without the padding. */
  inverse: RowOrder;
  /**
   * For each of a window's pixels, window by window, the region of the map that it comes from: in a shifted map the last
   * windows hold pixels from opposite edges, which are no neighbours. Absent where there is no shift.
   */
  regions?: Int32Array;
}

// They depend on sizes alone, and a network has the same few again and again.
const known = new Map<string, ShiftedWindows>();
const mostKnown = 64;

/**
 * Cuts a map of `size` into windows, from the top left on, after moving it up and left by `shift`, what leaves at one edge coming
 * in at the other. Zeros are added below and at the right until the windows fit; along an axis that one window covers there is no
 * shift.
 */
export function shiftedWindows(size: Sides, window: Sides, shift: Sides): ShiftedWindows {
  const key = [size, window, shift].join();
  const found = known.get(key);
  if (found) return found;
  if (known.size === mostKnown) known.delete(known.keys().next().value!);
  const made = cut(size, window, shift);
  known.set(key, made);
  return made;
}

function cut(size: Sides, window: Sides, shift: Sides): ShiftedWindows {
  const counts = size.map((pixels, axis) => Math.ceil(pixels / window[axis]));
  const padded = counts.map((count, axis) => count * window[axis]);
  const shifts = shift.map((pixels, axis) => counts[axis] > 1 ? pixels : 0);
  const pixels = padded[0] * padded[1];
  const order = new Int32Array(pixels);
  const regions = new Int32Array(pixels);
  let at = 0;
  for (let top = 0; top < padded[0]; top += window[0]) {
    for (let left = 0; left < padded[1]; left += window[1]) {
      for (let y = top; y < top + window[0]; y++) {
        for (let x = left; x < left + window[1]; x++, at++) {
          const [row, column] = [(y + shifts[0]) % padded[0], (x + shifts[1]) % padded[1]];
          order[at] = row < size[0] && column < size[1] ? row * size[1] + column : -1;
          regions[at] = 2 * region(y, padded[0], shifts[0]) + region(x, padded[1], shifts[1]);
        }
      }
    }
  }
  const inverse = invertOrder(order, size[0] * size[1]);
  const shifted = shifts[0] + shifts[1] > 0;
  return { count: counts[0] * counts[1], order, inverse, ...(shifted ? { regions } : {}) };
}

/** 1 for what has come in at the far edge, 0 for the rest: all that one window can hold of both. */
function region(position: number, padded: number, shift: number): number {
  return position < padded - shift ? 0 : 1;
}

/**
 * What keeps a window's pixels from attending to those of another region: −100 for such a pair, which leaves e⁻¹⁰⁰ of it, and 0
 * for others, as torchvision has it.
 *
 * @returns `[count, 1, L, L]`
 */
export function regionMask(regions: Int32Array, count: number): tf.Tensor4D {
  const pixels = regions.length / count;
  let mask = masks.get(regions);
  if (!mask) {
    mask = new Float32Array(regions.length * pixels);
    regions.forEach((region, row) => {
      const first = row - row % pixels; // of the window
      for (let i = 0; i < pixels; i++) if (regions[first + i] !== region) mask![row * pixels + i] = -100;
    });
    masks.set(regions, mask);
  }
  return constant(mask, [count, 1, pixels, pixels]);
}

const masks = new WeakMap<Int32Array, Float32Array>();
