import { assertAlmostEquals, assertEquals } from "@std/assert";
import { statistics } from "../../lib/weights/statistics.ts";

Deno.test("mean, standard deviation, range and histogram, as torch has them", () => {
  const found = statistics(new Float32Array([1, 2, 3, 4]), "float32", 3)!;
  assertEquals([found.mean, found.min, found.max, found.histogram, found.notFinite], [2.5, 1, 4, [1, 1, 2], 0]);
  assertAlmostEquals(found.std, 1.2909944487, 1e-9); // torch.tensor([1., 2, 3, 4]).std()
});

Deno.test("every element type is read by its meaning", () => {
  assertEquals(statistics(new Uint16Array([0x3c00, 0x4200]), "float16")!.mean, 2);
  assertEquals(statistics(new BigInt64Array([7n]), "int64")!.mean, 7);
  assertEquals(statistics(new BigInt64Array([7n]), "int64")!.std, NaN);
});

Deno.test("numbers that are not finite are counted and left out", () => {
  const found = statistics(new Float32Array([1, NaN, 3, Infinity]), "float32")!;
  assertEquals([found.mean, found.min, found.max, found.notFinite], [2, 1, 3, 2]);
  assertEquals(statistics(new Float32Array([NaN]), "float32"), undefined);
  assertEquals(statistics(new Float32Array(0), "float32"), undefined);
});

Deno.test("equal numbers fall into one bin", () => {
  assertEquals(statistics(new Float32Array([2, 2]), "float32", 2)!.histogram, [2, 0]);
});
