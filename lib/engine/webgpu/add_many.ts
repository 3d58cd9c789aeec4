import * as tf from "@tensorflow/tfjs";
import type { WebgpuBackend } from "./backend.ts";

/**
 * Lets any number of tensors be added up. A program on the card may look at only so many at a time, 8 on some, of which one is
 * the result; tfjs gives it all of them.
 */
export function addMany(): void {
  const kernel = tf.getKernel("AddN", "webgpu");
  const add = (backend: WebgpuBackend, some: tf.TensorInfo[]) =>
    kernel.kernelFunc({ inputs: some as unknown as tf.NamedTensorInfoMap, backend }) as tf.TensorInfo;
  tf.unregisterKernel("AddN", "webgpu");
  tf.registerKernel({
    ...kernel,
    kernelFunc(call) {
      const backend = call.backend as WebgpuBackend;
      const summands = call.inputs as unknown as tf.TensorInfo[];
      const most = backend.device.limits.maxStorageBuffersPerShaderStage - 1;
      let sum = add(backend, summands.slice(0, most));
      for (let done = most; done < summands.length; done += most - 1) {
        const before = sum;
        sum = add(backend, [before, ...summands.slice(done, done + most - 1)]);
        backend.disposeData(before.dataId);
      }
      return sum;
    },
  });
}
