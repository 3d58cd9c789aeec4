import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { MemoryRows } from "../../lib/data/memory_rows.ts";
import { horizontalFlip } from "../../lib/data/augment/mod.ts";
import { noLeaks, onEachEngine } from "../tensors.ts";
import { appendNumbered, numbered, rowsAt } from "./rows.ts";

const orders = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [9, 0, 5], [3, 3, 3, 8, 3], [7], [6, 7, 8], [2, 9, 2, 0, 9]];

onEachEngine("memory: rows come in the order that is asked for, as often as they are asked for", async () => {
  const store = new MemoryRows();
  await appendNumbered(store, [4, 3, 3]);
  assertEquals([store.place, store.bytes, store.samples.length], ["memory", 10 * 6 * 4, 10]);
  for (const positions of orders) assertEquals(await rowsAt(store, positions), numbered(positions));
  store.dispose();
});

onEachEngine("memory: the rows are the same however many chunks they lie in", async () => {
  for (const chunk of [1, 2 * 24, 3 * 24, 5 * 24 + 1, 1000]) {
    const store = new MemoryRows(chunk);
    await appendNumbered(store, [2, 1, 3, 1, 1, 2]);
    for (const positions of orders) {
      assertEquals(await rowsAt(store, positions), numbered(positions), `${positions} in chunks of ${chunk} bytes`);
    }
    store.dispose();
  }
});

noLeaks("memory: rows are joined as soon as there is a chunk of them, and no sooner", async () => {
  const start = tf.memory().numTensors;
  const store = new MemoryRows(4 * 24);
  const counts: number[] = [];
  for (let i = 0; i < 7; i++) {
    await appendNumbered(store, [1], i);
    counts.push(tf.memory().numTensors - start);
  }
  assertEquals(counts, [1, 2, 3, 1, 2, 3, 4]);
  assertEquals(store.samples.length, 7); // what is loose is joined when it is asked for
  assertEquals(tf.memory().numTensors - start, 2);
  await appendNumbered(store, [1], 7);
  assertEquals(await rowsAt(store, [7, 6, 0]), numbered([7, 6, 0]));
  store.dispose();
});

noLeaks("memory: what is put in stays the caller's, and lives on in the store without it", async () => {
  const store = new MemoryRows();
  const rows = tf.tensor2d([[1, 2], [3, 4]]);
  tf.tidy(() => void store.append(rows)); // what a tidy frees is not the store's
  assertEquals(rows.isDisposed, false);
  rows.dispose();
  assertEquals(await rowsAt(store, [1, 0]), [[3, 4], [1, 2]]);
  store.dispose();
  store.dispose();
});

noLeaks("memory: the shape of a row stays", async () => {
  const store = new MemoryRows(1);
  for (let i = 0; i < 2; i++) {
    const rows = tf.ones([2, 3, 5, 4]);
    await store.append(rows);
    rows.dispose();
  }
  const taken = (await store.samples.prepare(Int32Array.of(3, 0), { seed: 0, epoch: 0 }))();
  assertEquals(taken.shape, [2, 3, 5, 4]);
  taken.dispose();
  store.dispose();
});

noLeaks("memory: nothing is had after it was given back", async () => {
  const store = new MemoryRows();
  await appendNumbered(store, [2]);
  const make = await store.samples.prepare(Int32Array.of(0), { seed: 0, epoch: 0 });
  store.dispose();
  assertThrows(make, Error, "Cannot read features: expected them in memory, found them given back");
});

noLeaks("memory: features are not changed at random", () => {
  const store = new MemoryRows();
  const { check } = store.samples;
  const message = "Cannot change samples at random: expected pictures, found what a network has made of them";
  for (const change of [{ flip: true }, { augment: horizontalFlip() }]) {
    assertThrows(() => check({ ...change, seed: 0, epoch: 0 }), TypeError, message);
  }
  check({ seed: 1, epoch: 2 });
  check({ flip: false, seed: 1, epoch: 2 });
  assert(store.samples.picture === undefined);
});
