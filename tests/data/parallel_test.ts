import { assert, assertEquals, assertRejects } from "@std/assert";
import { mapParallel } from "../../lib/data/parallel.ts";
import { test } from "./support.ts";

const pause = () => new Promise((resolve) => setTimeout(resolve, 1));

test("results are in order, and no more than allowed are under way", async () => {
  let now = 0, most = 0;
  const doubled = await mapParallel([...Array(20).keys()], async (i) => {
    most = Math.max(most, ++now);
    await pause();
    now--;
    return 2 * i;
  }, 3);
  assertEquals(doubled, Array.from({ length: 20 }, (_, i) => 2 * i));
  assertEquals(most, 3);
});

test("the first error ends it, and nothing is under way afterwards", async () => {
  let now = 0, begun = 0;
  await assertRejects(
    () =>
      mapParallel([...Array(50).keys()], async (i) => {
        now++;
        begun++;
        await pause();
        now--;
        if (i === 4) throw new Error("the fifth");
      }, 4),
    Error,
    "the fifth",
  );
  assertEquals(now, 0);
  assert(begun < 12, `${begun} begun`);
});
