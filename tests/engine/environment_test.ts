import { assertEquals, assertRejects } from "@std/assert";
import { wholeNumber } from "../../lib/engine/environment.ts";
import { withEnvironment } from "./environment.ts";

const read = (value: string | undefined) =>
  withEnvironment({ THAW_TEST: value }, () => wholeNumber("THAW_TEST", "a number of bytes", 1));

Deno.test("a whole number from the environment", async () => {
  assertEquals(await read(" 12 "), 12);
  assertEquals(await read("1e6"), 1_000_000);
  assertEquals(await read(undefined), undefined);
  assertEquals(await read(""), undefined);
});

Deno.test("anything else in the environment is refused", async () => {
  for (const value of ["0", "-1", "1.5", "many", "Infinity"]) {
    const error = await assertRejects(() => read(value), RangeError);
    assertEquals(
      error.message,
      `Cannot use THAW_TEST: expected a number of bytes, a whole number from 1, found "${value}"`,
    );
  }
});
