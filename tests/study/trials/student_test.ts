import { assertAlmostEquals } from "@std/assert";
import { criticalValue } from "../../../lib/study/trials/student.ts";

Deno.test("critical values are those of the printed tables", () => {
  // two-sided, 5 %
  const table = [[1, 12.7062], [2, 4.3027], [3, 3.1824], [4, 2.7764], [5, 2.5706], [8, 2.3060], [29, 2.0452]];
  for (const [freedom, t] of table) assertAlmostEquals(criticalValue(0.05, freedom), t, 1e-4);
  assertAlmostEquals(criticalValue(0.01, 3), 5.8409, 1e-4);
  assertAlmostEquals(criticalValue(0.01, 30), 2.7500, 1e-4);
  assertAlmostEquals(criticalValue(0.05, Infinity), 1.9600, 1e-4);
});
