import type * as tf from "@tensorflow/tfjs";
import { NotAtHandError } from "../not_at_hand.ts";

/**
 * A tensor's values, where they can be had without waiting for a card; undefined where they cannot. Those of a list of whole
 * numbers that came from JavaScript, such as labels, always can.
 */
export function atHand(tensor: tf.Tensor): tf.TypedArray | undefined {
  try {
    return tensor.dataSync();
  } catch (error) {
    if (error instanceof NotAtHandError) return undefined;
    throw error;
  }
}
