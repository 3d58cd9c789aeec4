import { assertEquals } from "@std/assert";
import { whatProcessorLacks } from "../../../lib/engine/tensorflow/processor.ts";

Deno.test("a processor without AVX lacks it, one with it or of which nothing is known lacks nothing", () => {
  assertEquals(whatProcessorLacks("processor\t: 0\nflags\t\t: fpu sse4_2 popcnt\n"), "AVX");
  assertEquals(whatProcessorLacks("processor\t: 0\nflags\t\t: fpu sse4_2 avx avx2\n"), undefined);
  assertEquals(whatProcessorLacks(""), undefined);
  assertEquals(whatProcessorLacks(undefined), undefined);
});
