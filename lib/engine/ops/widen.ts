import type * as tf from "@tensorflow/tfjs";
import { precision } from "../precision.ts";
import { hasKernel, runKernel } from "./kernel.ts";

/**
 * The same numbers in float32, where they may be bfloat16 (see `usePrecision`; tfjs calls both float32), differentiable.
 *
 * @returns a new tensor, or the same one where nothing computes in bfloat16
 */
export function widen<T extends tf.Tensor>(tensor: T): T {
  return precision() === "bfloat16" && hasKernel("ThawWiden") ? runKernel<T>("ThawWiden", { x: tensor }) : tensor;
}
