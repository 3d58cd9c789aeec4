import { assertEquals, assertRejects } from "@std/assert";
import { breathe, inKernel, interrupted, onInterrupt } from "../../lib/display/mod.ts";
import { interrupt } from "../../lib/display/interrupt.ts";

Deno.test("this process is no kernel", () => assertEquals(inKernel(), false));

Deno.test("an interrupt goes to those who asked for it, as long as they do", () => {
  let calls = 0;
  const remove = onInterrupt(() => calls++);
  interrupt();
  assertEquals([calls, interrupted()], [1, false]);
  remove();
});

Deno.test("an interrupt that nobody asked for stops the next loop that breathes, once", async () => {
  await breathe();
  interrupt();
  assertEquals(interrupted(), true);
  const error = await assertRejects(() => breathe(), DOMException, "Stopped by the stop button");
  assertEquals([error.name, interrupted()], ["AbortError", false]);
  await breathe();
});
