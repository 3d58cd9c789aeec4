import * as tf from "@tensorflow/tfjs";
import { gatherRows } from "../engine/ops/gather_rows.ts";
import { refuseChanges, type RowStore } from "./row_store.ts";
import type { Samples } from "./samples.ts";

/** Rows on the engine, in tensors of some megabytes each. */
export class MemoryRows implements RowStore {
  readonly place = "memory";
  #chunks: { first: number; rows: tf.Tensor }[] = [];
  #loose: tf.Tensor[] = [];
  #count = 0;
  #bytes = 0;

  /** @param chunk how many bytes of rows are joined into one tensor; joining takes as much memory again, for a moment */
  constructor(readonly chunk = 64 * 1024 * 1024) {}

  get bytes(): number {
    return this.#bytes;
  }

  append(rows: tf.Tensor): Promise<void> {
    this.#loose.push(tf.keep(rows.clone()));
    this.#bytes += 4 * rows.size;
    if (this.#loose.reduce((sum, { size }) => sum + 4 * size, 0) >= this.chunk) this.#join();
    return Promise.resolve();
  }

  get samples(): Samples {
    this.#join();
    return {
      length: this.#count,
      check: refuseChanges,
      prepare: (positions) => Promise.resolve(() => tf.tidy(() => this.#gather(positions))),
    };
  }

  dispose(): void {
    tf.dispose([this.#loose, this.#chunks.map(({ rows }) => rows)]);
    this.#loose = [];
    this.#chunks = [];
  }

  #join(): void {
    if (this.#loose.length === 0) return;
    const rows = tf.keep(tf.tidy(() => tf.concat(this.#loose)));
    tf.dispose(this.#loose);
    this.#loose = [];
    this.#chunks.push({ first: this.#count, rows });
    this.#count += rows.shape[0];
  }

  #gather(positions: Int32Array): tf.Tensor {
    if (this.#chunks.length === 0) {
      throw new Error("Cannot read features: expected them in memory, found them given back");
    }
    if (this.#chunks.length === 1) return gatherRows(this.#chunks[0].rows, positions);
    const order: number[] = []; // where in the result each row goes that the chunks give one after the other
    const parts = this.#chunks.flatMap(({ first, rows }) => {
      const own: number[] = [];
      positions.forEach((position, i) => {
        if (position < first || position >= first + rows.shape[0]) return;
        own.push(position - first);
        order.push(i);
      });
      return own.length ? [gatherRows(rows, own)] : [];
    });
    if (parts.length === 1) return parts[0]; // its rows are in the order that was asked for
    const back = new Int32Array(order.length);
    order.forEach((place, i) => back[place] = i);
    return gatherRows(tf.concat(parts), back);
  }
}
