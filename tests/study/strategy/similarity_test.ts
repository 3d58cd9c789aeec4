import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { standardError, taskSimilarity } from "../../../lib/study/strategy/similarity.ts";

Deno.test("similarity: mistakes avoided of those that pixels leave, times what is kept up to the last stage", () => {
  const { value, lift, kept } = taskSimilarity(0.6, [0.3, 0.9, 0.8], 1e12);
  assertAlmostEquals(lift, 0.5, 1e-5);
  assertAlmostEquals(kept, 0.5, 1e-5);
  assertAlmostEquals(value, 0.25, 1e-5);
  assertAlmostEquals(taskSimilarity(0.5, [0.3, 0.7, 1], 1e12).value, 1, 1e-5);
});

Deno.test("similarity is 0 where the last features are no better than pixels", () => {
  assertEquals(taskSimilarity(0.87, [0.2, 0.96, 0.85], 1000).value, 0);
});

Deno.test("similarity: with few samples what differs by chance counts for less", () => {
  const many = taskSimilarity(0.6, [0.3, 0.96, 0.9], 10_000), few = taskSimilarity(0.6, [0.3, 0.96, 0.9], 25);
  assertGreater(few.kept, many.kept);
  assertLess(few.lift, many.lift);
  assertEquals(Number.isFinite(taskSimilarity(1, [1, 1], 4).value), true);
});

Deno.test("the standard error of an accuracy", () => {
  assertAlmostEquals(standardError(0.5, 100), 0.05, 3e-4);
  assertAlmostEquals(standardError(1, 50), 0.01, 1e-12);
});
