import * as tf from "@tensorflow/tfjs";
import { type Activation, deferActivation, deferSum } from "./deferred_conv.ts";
import type { OpRunner } from "./op.ts";

/**
 * Lets sums and activations join a convolution that waits for them (see deferred_conv.ts). For every other input tfjs-node's
 * own kernels go on as they were.
 */
export function registerFusion(): void {
  wrap("Add", (backend, { a, b }) => deferSum(backend, a, b) ?? deferSum(backend, b, a));
  for (const name of ["Relu", "Relu6"] satisfies Activation[]) {
    wrap(name, (backend, { x }) => deferActivation(backend, x, name));
  }
}

type Fuse = (backend: OpRunner, inputs: Record<string, tf.Tensor>) => tf.Tensor | undefined;

function wrap(kernelName: string, fuse: Fuse): void {
  const plain = tf.getKernel(kernelName, "tensorflow").kernelFunc;
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: (call) => {
      const { inputs, backend } = call as unknown as { inputs: Record<string, tf.Tensor>; backend: OpRunner };
      return fuse(backend, inputs) ?? plain(call);
    },
  });
}
