import * as tf from "@tensorflow/tfjs";
import type { OpRunner } from "./op.ts";

/** What is tried in a kernel's place: a result, or undefined where it does not apply. */
export type Attempt<A> = (
  backend: OpRunner,
  inputs: Record<string, tf.Tensor>,
  attributes: A,
) => tf.Tensor | undefined;

/** Puts an attempt in front of one of tfjs-node's own kernels, which goes on as it was for every other input. */
export function wrapKernel<A = object>(kernelName: string, attempt: Attempt<A>): void {
  const plain = tf.getKernel(kernelName, "tensorflow").kernelFunc;
  tf.unregisterKernel(kernelName, "tensorflow");
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: (call) => {
      const { backend, inputs, attrs } = call as unknown as {
        backend: OpRunner;
        inputs: Record<string, tf.Tensor>;
        attrs: A;
      };
      return tf.tidy(() => attempt(backend, inputs, attrs)) ?? plain(call);
    },
  });
}
