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
  return oneDnn(`_MklNative${op}`, attempt) ??
    ((runner, attributes, inputs, outputs = 1) => runner.executeMultipleOutputs(op, attributes, inputs, outputs));
}

/**
 * An op of oneDNN's, by its full name, where this build has it.
 *
 * @param attempt calls the op on a few numbers
 * @param marks what marks the op in TensorFlow's kernel registry; those without `Native` in their name vary
 */
export function oneDnn(op: string, attempt: (call: CallOp) => void, marks = [ONEDNN]): CallOp | undefined {
  const call: CallOp = (runner, attributes, inputs, outputs = 1) =>
    runner.executeMultipleOutputs(op, [...attributes, ...marks], inputs, outputs);
  try {
    tf.tidy(() => void attempt(call));
    return call;
  } catch {
    return undefined;
  }
}
