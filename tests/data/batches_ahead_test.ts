import { assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { BatchesAhead } from "../../lib/data/batches_ahead.ts";
import type { Batch } from "../../lib/data/types.ts";
import { test } from "./support.ts";

/** Batches by number; what happens to them is written down. */
async function* numbered(count: number, events: string[]): AsyncGenerator<Batch> {
  try {
    for (let i = 0; i < count; i++) {
      if (i === 3) throw new Error("the fourth cannot be read");
      events.push(`made ${i}`);
      yield { images: tf.scalar(i), labels: tf.tensor1d([i], "int32"), indices: Int32Array.of(i) };
    }
  } finally {
    events.push("ended");
  }
}

function use({ images, labels, indices }: Batch, events: string[]): void {
  events.push(`used ${indices[0]}`);
  tf.dispose([images, labels]);
}

test("the next batch is made when the loop says so, or when it is asked for", async () => {
  const events: string[] = [];
  const batches = new BatchesAhead(numbered(3, events));
  for await (const batch of batches) {
    use(batch, events);
    if (batch.indices[0] === 1) continue;
    await batches.makeNext();
    await batches.makeNext(); // once is enough
    events.push("waited");
  }
  assertEquals(events, ["made 0", "used 0", "made 1", "waited", "used 1", "made 2", "used 2", "ended", "waited"]);
});

test("a batch that was made in vain is given back, and what makes them is told that no more are wanted", async () => {
  const events: string[] = [];
  const batches = new BatchesAhead(numbered(3, events));
  for await (const batch of batches) {
    use(batch, events);
    await batches.makeNext();
    break;
  }
  assertEquals(events, ["made 0", "used 0", "made 1", "ended"]);
});

test("an error is thrown where the loop asks for the batch, not where it is made ahead", async () => {
  const events: string[] = [];
  const batches = new BatchesAhead(numbered(5, events));
  const loop = async () => {
    for await (const batch of batches) {
      use(batch, events);
      await batches.makeNext();
      events.push("waited");
    }
  };
  await assertRejects(loop, Error, "the fourth cannot be read");
  assertEquals(events.slice(-3), ["used 2", "ended", "waited"]);
});

test("a loop that is left with an error ahead of it knows nothing of that", async () => {
  const events: string[] = [];
  const batches = new BatchesAhead(numbered(5, events));
  for await (const batch of batches) {
    use(batch, events);
    await batches.makeNext();
    if (batch.indices[0] === 2) break;
  }
  assertEquals(events.at(-1), "ended");
});
