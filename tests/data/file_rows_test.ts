import { assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { FileRows } from "../../lib/data/file_rows.ts";
import { MemoryRows } from "../../lib/data/memory_rows.ts";
import { onEachEngine } from "../tensors.ts";
import { appendNumbered, numbered, rowsAt } from "./rows.ts";
import { test } from "./support.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

test("file: rows come in the order that is asked for, as often as they are asked for", async (folder) => {
  const store = new FileRows(folder);
  await appendNumbered(store, [4, 3, 3]);
  assertEquals([store.place, store.bytes, store.samples.length], ["disk", 10 * 6 * 4, 10]);
  for (const positions of [[0, 1, 2, 3], [9, 0, 5], [3, 3, 3, 8, 3], [7], [6, 7, 8], [2, 9, 2, 0, 9], [4, 3, 2, 1]]) {
    assertEquals(await rowsAt(store, positions), numbered(positions), String(positions));
  }
  await appendNumbered(store, [2], 10); // after it was read
  assertEquals(await rowsAt(store, [11, 0, 10]), numbered([11, 0, 10]));
  store.dispose();
});

onEachEngine("file: the bits are those that memory keeps, whatever they are", async () => {
  const folder = await Deno.makeTempDir();
  const stores = [new MemoryRows(100), new FileRows(folder)];
  const odd = Float32Array.of(NaN, Infinity, -Infinity, -0, 1e-45, 3.4e38, 1 / 3, 0);
  for (let i = 0; i < 4; i++) {
    const rows = tf.tensor(odd.map((value) => value * (i + 1)), [2, 4]);
    for (const store of stores) await store.append(rows);
    rows.dispose();
  }
  const bits = [];
  for (const store of stores) {
    const rows = await rowsAt(store, [5, 0, 7, 7, 2, 1]);
    bits.push(new Int32Array(Float32Array.from(rows.flat()).buffer));
    store.dispose();
  }
  assertEquals(bits[1], bits[0]);
  await Deno.remove(folder, { recursive: true });
});

test("file: a batch is what it was when it was prepared, and two may be under way", async (folder) => {
  const store = new FileRows(folder);
  await appendNumbered(store, [5]);
  const { samples } = store;
  const [a, b] = await Promise.all(
    [[4, 0], [1, 2]].map((positions) => samples.prepare(Int32Array.from(positions), { seed: 0, epoch: 0 })),
  );
  store.dispose();
  const [second, first] = [b(), a()];
  assertEquals([[...await first.data()], [...await second.data()]], [numbered([4, 0]).flat(), numbered([1, 2]).flat()]);
  assertEquals(first.shape, [2, 2, 3]);
  tf.dispose([first, second]);
});

test("file: it has no name while it is open, where the system allows it, and leaves nothing behind", async (folder) => {
  const below = join(folder, "made", "for it");
  const stores = [new FileRows(below), new FileRows(below)];
  for (const store of stores) await appendNumbered(store, [3]);
  if (Deno.build.os !== "windows") assertEquals(names(below), []);
  assertEquals(await rowsAt(stores[0], [2]), numbered([2]));
  for (const store of stores) store.dispose();
  assertEquals(names(below), []);
  stores[0].dispose(); // a second time changes nothing
});

test("file: reading needs it open, and the rows there", async (folder) => {
  const store = new FileRows(folder);
  await appendNumbered(store, [3]);
  const read = (position: number) => () => void store.samples.prepare(Int32Array.of(position), { seed: 0, epoch: 0 });
  assertThrows(read(3), Error, `Cannot read features: expected 72 bytes in ${folder}`);
  store.dispose();
  assertThrows(read(0), Error, "Cannot read features: expected their file to be open, found it closed");
});

test("file: features are not changed at random", (folder) => {
  const store = new FileRows(folder);
  const message = "Cannot change samples at random: expected pictures, found what a network has made of them";
  assertThrows(() => store.samples.check({ flip: true, seed: 0, epoch: 0 }), TypeError, message);
  store.samples.check({ seed: 0, epoch: 0 });
  store.dispose();
});
