/** What the tests of row stores share: rows of six numbers that tell which row they are. */
import * as tf from "@tensorflow/tfjs";
import type { RowStore } from "../../lib/data/row_store.ts";

/** The rows of these positions, as they should be. */
export function numbered(positions: readonly number[]): number[][] {
  return positions.map((position) => Array.from({ length: 6 }, (_, i) => Math.fround(position + i / 7)));
}

/** Appends so many rows in turn, numbered from `first`. */
export async function appendNumbered(store: RowStore, counts: readonly number[], first = 0): Promise<void> {
  for (const count of counts) {
    const values = numbered(Array.from({ length: count }, (_, i) => first + i));
    const rows = tf.tensor(values.flat(), [count, 2, 3]);
    await store.append(rows);
    rows.dispose();
    first += count;
  }
}

/** The rows of a store at these positions, as plain numbers. */
export async function rowsAt(store: RowStore, positions: readonly number[]): Promise<number[][]> {
  const rows = (await store.samples.prepare(Int32Array.from(positions), { seed: 0, epoch: 0 }))();
  const values = [...await rows.data()];
  const width = values.length / positions.length;
  rows.dispose();
  return positions.map((_, i) => values.slice(i * width, (i + 1) * width));
}
