import * as tf from "@tensorflow/tfjs";
import { FLOAT, ONEDNN, type OpAttribute, type OpRunner } from "./op.ts";

/** Calls an op; how many outputs it has is the caller's to know. */
export type CallOp = (
  backend: OpRunner,
  attributes: OpAttribute[],
  inputs: tf.TensorInfo[],
  outputs?: number,
) => tf.Tensor[];

/**
 * Whether the device that computes has one of oneDNN's ops, and is to use it: `TF_ENABLE_ONEDNN_OPTS=0`, by which TensorFlow
 * leaves oneDNN aside, counts here as well. A GPU has none of them; there TensorFlow would run them on the CPU.
 */
export function mayUseOneDnn({ binding }: OpRunner, op: string): boolean {
  return !/^(0|false|no)$/i.test(Deno.env.get("TF_ENABLE_ONEDNN_OPTS") ?? "") && binding.hasKernel(op, FLOAT);
}

/**
 * oneDNN's own version of an op, `_MklNative…`, where this build of TensorFlow has it; else the op itself. TensorFlow puts it
 * in the op's place by itself for dense convolutions alone.
 *
 * @param attempt calls the op on a few numbers
 */
export function preferOneDnn(backend: OpRunner, op: string, attempt: (call: CallOp) => void): CallOp {
  return oneDnn(backend, `_MklNative${op}`, attempt) ??
    ((runner, attributes, inputs, outputs = 1) => runner.executeMultipleOutputs(op, attributes, inputs, outputs));
}

/**
 * An op of oneDNN's, by its full name, where this build has it for the device that computes.
 *
 * @param attempt calls the op on a few numbers
 * @param marks what marks the op in TensorFlow's kernel registry; those without `Native` in their name vary
 */
export function oneDnn(
  backend: OpRunner,
  op: string,
  attempt: (call: CallOp) => void,
  marks = [ONEDNN],
): CallOp | undefined {
  if (!mayUseOneDnn(backend, op)) return undefined;
  const call: CallOp = (runner, attributes, inputs, outputs = 1) =>
    runner.executeMultipleOutputs(op, [...attributes, ...marks], inputs, outputs);
  try {
    tf.tidy(() => void attempt(call));
    return call;
  } catch {
    return undefined;
  }
}
