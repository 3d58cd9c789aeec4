import { assertEquals, assertRejects } from "@std/assert";
import { Side } from "../../../bench/gpu/side.ts";
import { sideCommand } from "./sides.ts";

/** Starts a side, asks, and sees that its process ends. */
async function withSide(does: Record<string, string>, test: (side: Side) => Promise<void>): Promise<void> {
  const side = new Side(sideCommand("a side", does));
  try {
    await test(side);
  } finally {
    await side.end();
  }
}

Deno.test("a side answers one question after the other, whatever else is printed", () =>
  withSide({ forward: "0.5", step: "2" }, async (side) => {
    assertEquals(await side.ask("prepare", 30), { memoryBytes: 100 });
    assertEquals(await side.ask("forward", 30), { seconds: 0.5, latency: 1, dispatch: 0.25, passes: 4 });
    assertEquals(await side.ask("step", 30), { seconds: 2, latency: 4, dispatch: 0.25, passes: 4 });
  }));

Deno.test("what a side cannot do is said in its own words, and it can be asked on", () =>
  withSide({ forward: "fail", step: "1" }, async (side) => {
    await assertRejects(() => side.ask("forward", 30), Error, "it cannot be done");
    await assertRejects(
      () => side.ask("back", 30),
      Error,
      'Cannot answer "back": expected one of prepare, forward, step',
    );
    assertEquals((await side.ask<{ seconds: number }>("step", 30)).seconds, 1);
  }));

Deno.test("a process that ends is told with its last words, also when it is asked again", () =>
  withSide({ forward: "die" }, async (side) => {
    await assertRejects(
      () => side.ask("forward", 30),
      Error,
      'a side ended at "forward" with exit code 3:\nsomething to read',
    );
    await assertRejects(() => side.ask("step", 30), Error, 'a side ended at "step" with exit code 3');
  }));

Deno.test("a process that does not answer in time is killed", () =>
  withSide({ forward: "hang" }, async (side) => {
    await side.ask("prepare", 30);
    await assertRejects(() => side.ask("forward", 1), Error, 'a side did not answer "forward" within 1 s');
  }));
