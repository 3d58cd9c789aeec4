import * as tf from "@tensorflow/tfjs";
import { INT32, registerKernel, type } from "./op.ts";

/** Cross entropy from logits and class numbers; the op gives the gradient of the loss along with it. */
export function registerCrossEntropy(): void {
  registerKernel("ThawCrossEntropy", (backend, { logits, labels }) => {
    const attributes = [type("T"), type("Tlabels", INT32)];
    return backend.executeMultipleOutputs("SparseSoftmaxCrossEntropyWithLogits", attributes, [logits, labels], 2);
  });
  tf.registerGradient({
    kernelName: "ThawCrossEntropy",
    outputsToSave: [false, true],
    gradFunc: (dy, [slope]) => ({ logits: () => tf.mul(slope, (dy as tf.Tensor[])[0].expandDims(1)) }),
  });
}
