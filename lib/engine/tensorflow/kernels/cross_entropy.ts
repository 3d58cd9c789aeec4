import * as tf from "@tensorflow/tfjs";
import { checkLabels } from "../../ops/cross_entropy.ts";
import { INT32, registerKernel, type } from "./op.ts";

/**
 * Cross entropy from logits and class numbers; the op gives the gradient of the loss along with it. Computing on the CPU it
 * refuses a label that is no class; a card would give NaN for it, so labels that are still out here are looked at first.
 */
export function registerCrossEntropy(): void {
  registerKernel("ThawCrossEntropy", (backend, { logits, labels }) => {
    const { values } = backend.tensorMap.get(labels.dataId);
    if (values) checkLabels(values as Int32Array, logits.shape[1]!);
    const attributes = [type("T"), type("Tlabels", INT32)];
    return backend.executeMultipleOutputs("SparseSoftmaxCrossEntropyWithLogits", attributes, [logits, labels], 2);
  });
  tf.registerGradient({
    kernelName: "ThawCrossEntropy",
    outputsToSave: [false, true],
    gradFunc: (dy, [slope]) => ({ logits: () => tf.mul(slope, (dy as tf.Tensor[])[0].expandDims(1)) }),
  });
}
