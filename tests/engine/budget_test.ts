import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { memoryInUse, releaseForgotten } from "../../lib/engine/mod.ts";
import { liveBytes, watchPeak } from "../../lib/engine/budget.ts";
import { tensorflowBackend } from "./tensorflow/tensorflow_for_tests.ts";

await tensorflowBackend();

/** In whole mebibytes: a shape that is handed to a kernel takes some bytes too. */
const rounded = (bytes: number) => Math.round(bytes / 1024 / 1024);
const mebibytes = (count: number) => tf.fill([count, 256, 1024], 1);

Deno.test("the peak is the most that tensors took at a moment, and not what they take now or took in all", async () => {
  await releaseForgotten();
  const kept = mebibytes(2), before = liveBytes();
  assertEquals(before, memoryInUse().bytes);
  const peak = watchPeak();
  assertEquals(peak(), before);
  for (const size of [1, 4, 3]) mebibytes(size).dispose();
  assertEquals([rounded(peak() - before), liveBytes() - before], [4, 0]);
  const both = [mebibytes(3), mebibytes(3)];
  assertEquals(rounded(peak() - before), 6);
  tf.dispose(both);
  kept.dispose();
  assertEquals(rounded(peak() - before), 6);
});

Deno.test("a watch begins with what is there, whatever was there before", async () => {
  await releaseForgotten();
  const before = liveBytes();
  const first = watchPeak();
  mebibytes(5).dispose();
  const small = mebibytes(1);
  const second = watchPeak();
  assertEquals(rounded(second() - before), 1);
  mebibytes(2).dispose();
  assertEquals(rounded(second() - before), 3);
  assertEquals(rounded(first() - before), 5); // one that goes on longer has not forgotten
  small.dispose();
});

Deno.test("what a step within a tidy takes counts, and what the collector frees does not any more", async () => {
  await releaseForgotten();
  const before = liveBytes();
  const peak = watchPeak();
  tf.tidy(() => {
    const x = mebibytes(2);
    tf.add(tf.mul(x, 2), x);
  });
  assert(rounded(peak() - before) >= 6, String(peak() - before));
  (() => void mebibytes(1))();
  assertEquals(rounded(liveBytes() - before), 1);
  await releaseForgotten();
  assertEquals(liveBytes(), before);
});
