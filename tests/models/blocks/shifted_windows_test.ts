import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { regionMask, shiftedWindows } from "../../../lib/models/blocks/shifted_windows.ts";
import { noLeaks } from "../../tensors.ts";

Deno.test("shiftedWindows: a map is cut window by window, row by row", () => {
  const { count, order, inverse, regions } = shiftedWindows([2, 4], [2, 2], [0, 0]);
  assertEquals([count, [...order], regions], [2, [0, 1, 4, 5, 2, 3, 6, 7], undefined]);
  assertEquals([...inverse], [0, 1, 4, 5, 2, 3, 6, 7]);
});

Deno.test("shiftedWindows: a shift moves the map up and left, and what leaves comes in at the other edge", () => {
  const { count, order, regions } = shiftedWindows([4, 4], [2, 2], [1, 1]);
  assertEquals(count, 4);
  assertEquals([...order], [5, 6, 9, 10, 7, 4, 11, 8, 13, 14, 1, 2, 15, 12, 3, 0]);
  // the last windows hold pixels from two edges, and the very last from all four
  assertEquals([...regions!], [0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0, 1, 2, 3]);
});

Deno.test("shiftedWindows: padding is -1 and has no way back; along an axis that one window covers nothing moves", () => {
  const { count, order, inverse, regions } = shiftedWindows([3, 2], [2, 3], [1, 1]);
  assertEquals(count, 2);
  assertEquals([...order], [2, 3, -1, 4, 5, -1, -1, -1, -1, 0, 1, -1]);
  assertEquals([...inverse], [9, 10, 0, 1, 3, 4]);
  assertEquals([...regions!], [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2]);
  assertEquals(shiftedWindows([2, 2], [7, 7], [3, 3]).regions, undefined);
});

Deno.test("shiftedWindows: the same sizes are cut once, and not all sizes are remembered", () => {
  const first = shiftedWindows([5, 5], [2, 2], [1, 1]);
  assert(shiftedWindows([5, 5], [2, 2], [1, 1]) === first);
  for (let side = 1; side <= 64; side++) shiftedWindows([side, 100], [2, 2], [0, 0]);
  assert(shiftedWindows([5, 5], [2, 2], [1, 1]) !== first);
});

noLeaks("regionMask: pixels of different regions are kept apart", async () => {
  const mask = regionMask(Int32Array.of(0, 0, 0, 1), 2);
  assertEquals(mask.shape, [2, 1, 2, 2]);
  assertEquals([...await mask.data()].map(Math.abs), [0, 0, 0, 0, 0, 100, 100, 0]);
  tf.dispose(mask);
});
