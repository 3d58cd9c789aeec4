import * as tf from "@tensorflow/tfjs";
import type { TensorflowBackend } from "../../../lib/engine/tensorflow/backend.ts";
import type { Counts } from "../cases.ts";

/** Does something and counts the ops that TensorFlow was asked for meanwhile; undefined where another engine computes. */
export function count(work: () => void): Counts | undefined {
  if (tf.getBackend() !== "tensorflow") return work() as undefined;
  const { binding } = tf.backend() as TensorflowBackend;
  const { executeOp } = binding, before = binding.traffic.sums;
  let ops = 0;
  binding.executeOp = (...args) => {
    ops++;
    return executeOp.apply(binding, args);
  };
  try {
    work();
  } finally {
    binding.executeOp = executeOp;
  }
  const { reads, uploads } = binding.traffic.sums;
  return { ops, reads: reads - before.reads, uploads: uploads - before.uploads };
}
