import type * as tf from "@tensorflow/tfjs";
import type { Samples } from "./samples.ts";

/** Where a tensor's rows are kept to be had again in any order: {@linkcode MemoryRows}, {@linkcode FileRows}. */
export interface RowStore {
  readonly place: "memory" | "disk";
  /** How many bytes the rows take. */
  readonly bytes: number;
  /** Puts rows `[N, …]` behind those that are there. They stay the caller's. */
  append(rows: tf.Tensor): Promise<void>;
  /** The rows as samples. */
  readonly samples: Samples;
  /** Gives their memory, or the file, back. */
  dispose(): void;
}

/** A tensor's rows are given to a network as they are. */
export function refuseChanges({ flip, augment }: { flip?: boolean; augment?: unknown }): void {
  if (!flip && augment === undefined) return;
  throw new TypeError("Cannot change samples at random: expected pictures, found what a network has made of them");
}
