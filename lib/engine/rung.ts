import * as tf from "@tensorflow/tfjs";
import type { Precision } from "./precision.ts";
import type { Card } from "./tensorflow/gpu/driver.ts";
import type { CudaVersions } from "./tensorflow/gpu/versions.ts";
import type { Miss } from "./tensorflow/library.ts";

/** The names of tfjs's backends that thaw computes with, best first. */
export type RungName = "tensorflow" | "webgpu" | "wasm" | "cpu";

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
  /** The card that computes, where its driver told of it. */
  card?: Card;
  /** The versions of NVIDIA's driver and libraries, where they compute. */
  cuda?: CudaVersions;
  /** Why no GPU computes, where that can be told. */
  noCard?: string;
  /** Where libtensorflow was looked for before it was found. */
  misses: Miss[];
}

/** One way to compute. */
export interface Rung {
  name: RungName;
  /** Why it is not taken unless asked for, although it might start; undefined where nothing speaks against it. */
  unfit?(): Promise<string | undefined>;
  /**
   * Puts it to use.
   *
   * @throws Error with the reason when it cannot be used here
   */
  start(): Promise<RungFacts>;
  /**
   * Computes in a precision from here on; absent where a rung knows float32 alone. Called when it has started.
   *
   * @throws Error with the reason when it cannot
   */
  setPrecision?(precision: Precision): void;
  /** Is called before another rung takes its place; that one will want the tensors there are, at once. */
  leave?(): Promise<void>;
}

/** Makes a backend that tfjs knows the one that computes. */
export async function setBackend(name: RungName): Promise<void> {
  if (!await tf.setBackend(name)) throw new Error(`tfjs cannot start its backend ${name}`);
}
