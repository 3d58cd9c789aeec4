import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { rankCorrelation } from "../../../lib/study/transfer/rank_correlation.ts";
import { figures } from "../../golden/transferability.ts";

Deno.test("rank correlations are scipy's, equal values or not", () => {
  for (const { a, b, spearman, kendall } of figures.ranks) {
    const found = rankCorrelation(a, b);
    assertAlmostEquals(found.spearman, spearman, 1e-12);
    assertAlmostEquals(found.kendall, kendall, 1e-12);
  }
});

Deno.test("rank correlations see the order alone, and none where all values are equal", () => {
  assertEquals(rankCorrelation([1, 2, 3], [-9, 0, 1e9]), { spearman: 1, kendall: 1 });
  assertEquals(rankCorrelation([1, 1, 1], [1, 2, 3]), { spearman: NaN, kendall: NaN });
});

Deno.test("rank correlations name what does not fit", () => {
  assertThrows(
    () => rankCorrelation([1, 2], [1]),
    RangeError,
    "Cannot correlate ranks: expected two lists of the same length, at least 2, found 2 and 1",
  );
  assertThrows(
    () => rankCorrelation([1, NaN], [1, 2]),
    RangeError,
    "Cannot correlate ranks: expected numbers, found NaN",
  );
});
