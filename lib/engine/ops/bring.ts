import type * as tf from "@tensorflow/tfjs";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * Brings tensors of values made out here to where the engine computes, now, instead of when an operation first wants them: whole
 * numbers too, which else stay in main memory. On a card, what is brought waits for all that is queued there, so let it be
 * when little is.
 */
export function bring(...tensors: tf.Tensor[]): void {
  if (!hasKernel("ThawBring")) return;
  for (const x of tensors) runKernel("ThawBring", { x });
}
