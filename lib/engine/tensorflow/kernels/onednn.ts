import * as tf from "@tensorflow/tfjs";
import { ONEDNN, type OpAttribute, type OpRunner } from "./op.ts";

/** Calls an op; how many outputs it has is the caller's to know. */
export type CallOp = (
  backend: OpRunner,
  attributes: OpAttribute[],
  inputs: tf.TensorInfo[],
  outputs?: number,
) => tf.Tensor[];

/**
 * oneDNN's own version of an op, `_MklNative…`, where this build of TensorFlow has it; else the op itself. TensorFlow puts it
 * in the op's place by itself for dense convolutions alone.
 *
 * @param attempt calls the op on a few numbers
 */
export function preferOneDnn(op: string, attempt: (call: CallOp) => void): CallOp {
  const own: CallOp = (runner, attributes, inputs, outputs = 1) =>
    runner.executeMultipleOutputs(`_MklNative${op}`, [...attributes, ONEDNN], inputs, outputs);
  try {
    tf.tidy(() => void attempt(own));
    return own;
  } catch {
    return (runner, attributes, inputs, outputs = 1) => runner.executeMultipleOutputs(op, attributes, inputs, outputs);
  }
}
