import { assertEquals } from "@std/assert";
import { fromNumbers, toFloat32, toFloat64 } from "../../lib/weights/convert.ts";
import { type DType, dtypes } from "../../lib/weights/dtype.ts";

Deno.test("small whole numbers survive every element type", () => {
  for (const dtype of dtypes) {
    const values = dtype === "bool" ? [0, 1, 1] : [0, 1, 100];
    assertEquals([...toFloat32(fromNumbers(values, dtype), dtype)], values, dtype);
    assertEquals([...toFloat64(fromNumbers(values, dtype), dtype)], values, dtype);
  }
});

Deno.test("float16 bits: largest, smallest subnormal, minus zero, infinity, NaN", () => {
  const bits = new Uint16Array([0x7bff, 0x0001, 0x8000, 0x7c00, 0xfc00, 0x7e00]);
  assertEquals([...toFloat32(bits, "float16")], [65504, 2 ** -24, -0, Infinity, -Infinity, NaN]);
  assertEquals(fromNumbers([65504, 2 ** -24, -0, Infinity, -Infinity, NaN], "float16"), bits);
});

Deno.test("every bfloat16 survives float32 and back", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const wide = toFloat32(bits, "bfloat16");
  const back = fromNumbers(wide, "bfloat16") as Uint16Array;
  for (let i = 0; i < bits.length; i++) {
    if (Number.isNaN(wide[i])) assertEquals(Number.isNaN(toFloat32(back.subarray(i, i + 1), "bfloat16")[0]), true);
    else assertEquals(back[i], bits[i]);
  }
});

Deno.test("bfloat16 rounds to nearest even", () => {
  const half = 2 ** -8; // half of the last kept bit of 1
  const cases = [[1 + half, 1], [1 + half * 1.01, 1 + 2 * half], [1 + 3 * half, 1 + 4 * half], [3.4e38, Infinity]];
  for (const [value, expected] of cases) {
    assertEquals(toFloat32(fromNumbers([value], "bfloat16"), "bfloat16")[0], expected);
  }
});

Deno.test("a view into a larger buffer converts its own part", () => {
  const all = new Uint16Array([0, 0x3c00, 0x4000, 0]);
  assertEquals([...toFloat32(all.subarray(1, 3), "float16")], [1, 2]);
  assertEquals([...toFloat32(new BigInt64Array([1n, -2n]).subarray(1), "int64")], [-2]);
  assertEquals([...toFloat32(new Int8Array([-1]), "int8" as DType)], [-1]);
});
