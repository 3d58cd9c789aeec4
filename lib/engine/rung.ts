import * as tf from "@tensorflow/tfjs";
import type { Miss } from "./tensorflow/library.ts";

/** The names of tfjs's backends that thaw computes with, best first. */
export type RungName = "tensorflow" | "wasm" | "cpu";

/** What is known of a rung that has started. */
export interface RungFacts {
  /** What computes, such as `CPU:0`. */
  device: string;
  /** The version of the library that computes. */
  version: string;
  /** The path of that library, where it is one of the system's. */
  library?: string;
  /** How many threads one operation uses at most. */
  threads: number;
  gpu: boolean;
  /** Where libtensorflow was looked for before it was found. */
  misses: Miss[];
}

/** One way to compute. */
export interface Rung {
  name: RungName;
  /**
   * Puts it to use.
   *
   * @throws Error with the reason when it cannot be used here
   */
  start(): Promise<RungFacts>;
}

/** Makes a backend that tfjs knows the one that computes. */
export async function setBackend(name: RungName): Promise<void> {
  if (!await tf.setBackend(name)) throw new Error(`tfjs cannot start its backend ${name}`);
}
