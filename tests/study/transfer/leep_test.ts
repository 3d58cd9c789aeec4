import { assertAlmostEquals, assertThrows } from "@std/assert";
import { leep } from "../../../lib/study/transfer/leep.ts";
import { featuresOf, figures } from "../../golden/transferability.ts";

for (const one of figures.cases) {
  Deno.test(`LEEP of the ${one.name} logits is that of plain sums`, () => {
    const { features, labels } = featuresOf(one);
    assertAlmostEquals(leep(features, labels), one.leep, 1e-9 * Math.abs(one.leep));
  });
}

Deno.test("LEEP is 0 where each old class is one of the new, and minus their entropy where it says nothing", () => {
  const sure = { rows: 4, columns: 2, values: Float32Array.of(90, 0, 90, 0, 0, 90, 0, 90) };
  assertAlmostEquals(leep(sure, [1, 1, 0, 0]), 0, 1e-12);
  assertAlmostEquals(leep(sure, [1, 0, 1, 0]), -Math.log(2), 1e-12);
  assertAlmostEquals(leep({ rows: 4, columns: 3, values: new Float32Array(12) }, [0, 1, 2, 3]), -Math.log(4), 1e-12);
});

Deno.test("LEEP names what does not fit", () => {
  assertThrows(
    () => leep({ rows: 1, columns: 2, values: Float32Array.of(1, 2) }, [0, 1]),
    TypeError,
    "Cannot compute LEEP: expected 1 labels, one for each row of the features, found 2",
  );
});
