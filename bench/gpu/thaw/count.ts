import * as tf from "@tensorflow/tfjs";
import type { TensorflowBackend } from "../../../lib/engine/tensorflow/backend.ts";
import type { Counts } from "../cases.ts";
import { significant } from "../numbers.ts";

/**
 * Does something, counts the ops that TensorFlow was asked for meanwhile, and takes the time between them; undefined where
 * another engine computes.
 */
export function count(work: () => void): Counts | undefined {
  if (tf.getBackend() !== "tensorflow") return work() as undefined;
  const { binding } = tf.backend() as TensorflowBackend;
  const { executeOp } = binding, before = binding.traffic.sums;
  let ops = 0, inOps = 0, depth = 0;
  binding.executeOp = (...args) => {
    ops++;
    depth++;
    const start = performance.now();
    try {
      return executeOp.apply(binding, args);
    } finally {
      // An op may ask for a tensor that has waited for that, which takes ops of its own.
      if (--depth === 0) inOps += performance.now() - start;
    }
  };
  const start = performance.now();
  try {
    work();
  } finally {
    binding.executeOp = executeOp;
  }
  const betweenOps = significant((performance.now() - start - inOps) / 1000);
  const { reads, uploads } = binding.traffic.sums;
  return { ops, betweenOps, reads: reads - before.reads, uploads: uploads - before.uploads };
}
