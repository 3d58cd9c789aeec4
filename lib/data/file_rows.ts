import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import { refuseChanges, type RowStore } from "./row_store.ts";
import type { Samples } from "./samples.ts";

/**
 * Rows in a file of plain float32 numbers, one row behind the other. Where the system allows it the file has no name from
 * the start, so that it vanishes with the process, however that ends.
 */
export class FileRows implements RowStore {
  readonly place = "disk";
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #named = true;
  #shape: number[] = [];
  #count = 0;
  #closed = false;

  /** @param folder where the file lies; made where it is not there */
  constructor(folder: string) {
    Deno.mkdirSync(folder, { recursive: true });
    this.#path = join(folder, `${crypto.randomUUID()}.f32`);
    this.#file = Deno.openSync(this.#path, { createNew: true, read: true, write: true });
    if (Deno.build.os !== "windows") this.#removeName();
  }

  get bytes(): number {
    return this.#count * this.#rowBytes;
  }

  async append(rows: tf.Tensor): Promise<void> {
    const values = await rows.data<"float32">();
    this.#shape = rows.shape.slice(1);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#file.seekSync(this.bytes, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
    this.#count += rows.shape[0];
  }

  get samples(): Samples {
    return {
      length: this.#count,
      check: refuseChanges,
      prepare: (positions) => {
        const values = this.#read(positions);
        return Promise.resolve(() => tf.tensor(values, [positions.length, ...this.#shape]));
      },
    };
  }

  dispose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close();
    if (this.#named) this.#removeName();
  }

  get #rowBytes(): number {
    return 4 * this.#shape.reduce((product, size) => product * size, 1);
  }

  /** Reads row by row in the file's order. Nothing is awaited between finding a place and reading there. */
  #read(positions: Int32Array): Float32Array {
    if (this.#closed) throw new Error("Cannot read features: expected their file to be open, found it closed");
    const length = this.#rowBytes;
    const bytes = new Uint8Array(positions.length * length);
    const inFileOrder = [...positions.keys()].sort((a, b) => positions[a] - positions[b]);
    let at = -1;
    for (const i of inFileOrder) {
      const start = positions[i] * length;
      if (start !== at) this.#file.seekSync(start, Deno.SeekMode.Start);
      const row = bytes.subarray(i * length, (i + 1) * length);
      for (let done = 0; done < length;) {
        const read = this.#file.readSync(row.subarray(done));
        if (read === null) throw new Error(`Cannot read features: expected ${this.bytes} bytes in ${this.#path}`);
        done += read;
      }
      at = start + length;
    }
    return new Float32Array(bytes.buffer);
  }

  #removeName(): void {
    Deno.removeSync(this.#path);
    this.#named = false;
  }
}
