import { assertEquals, assertThrows } from "@std/assert";
import { pooledSize, type PoolGeometry, poolPadding } from "../../../lib/engine/ops/pool_geometry.ts";
import { figures } from "../../golden/layers.ts";

Deno.test("pooled sizes are PyTorch's, in floor and ceil mode", () => {
  for (const [size, kernel, stride, padding, ceilMode, output] of figures.pooledSizes) {
    const found = pooledSize(size, kernel, stride, padding, ceilMode);
    assertEquals(Math.max(0, found), output, JSON.stringify({ size, kernel, stride, padding, ceilMode }));
  }
});

Deno.test("pool padding makes windows without padding cover the same pixels", () => {
  for (const [size, kernel, stride, padding, ceilMode, output] of figures.pooledSizes.filter((row) => row[5] > 0)) {
    const geometry: PoolGeometry = { kernel: [kernel, 1], stride: [stride, 1], padding: [padding, 0], ceilMode };
    const [top, bottom, left, right] = poolPadding([1, size, 9, 1], geometry);
    assertEquals([top, left, right], [padding, 0, 0]);
    assertEquals(
      Math.floor((size + top + bottom - kernel) / stride) + 1,
      output,
      JSON.stringify({ size, ...geometry }),
    );
  }
});

Deno.test("an input smaller than the window is refused", () => {
  const geometry: PoolGeometry = { kernel: [3, 5], stride: [1, 1], padding: [1, 0], ceilMode: false };
  assertThrows(
    () => poolPadding([2, 8, 4, 3], geometry),
    RangeError,
    "expected at least 5 pixels of width, found 4 in [2, 8, 4, 3]",
  );
});
