import * as tf from "@tensorflow/tfjs";
import { mayUseOneDnn } from "./onednn.ts";
import { bool, ints, NHWC, ONEDNN, type OpAttribute, type OpRunner, registerKernel, run, string, type } from "./op.ts";

interface PoolAttributes {
  kernel: [number, number];
  stride: [number, number];
}

/**
 * Max pooling without padding. oneDNN's op remembers where each maximum was (its workspace), which makes the gradient
 * ten times faster than searching again; where it is missing (a GPU, another build) TensorFlow's own pair serves.
 */
export function registerMaxPool(backend: OpRunner): void {
  const onednn = hasWorkspacePool(backend);
  registerKernel<PoolAttributes>("ThawMaxPool", (backend, { x }, attributes) => {
    if (onednn) return backend.executeMultipleOutputs("_MklNativeMaxPool", workspace(attributes), [x], 2);
    return [backend.executeSingleOutput("MaxPool", plain(attributes), [x])];
  });
  registerKernel<PoolAttributes>("ThawMaxPoolGradient", (backend, { x, y, dy, memory }, attributes) => {
    if (!onednn) return backend.executeSingleOutput("MaxPoolGrad", plain(attributes), [x, y, dy]);
    return backend.executeSingleOutput("_MklNativeMaxPoolGrad", workspace(attributes), [x, y, dy, memory]);
  });
  tf.registerGradient({
    kernelName: "ThawMaxPool",
    inputsToSave: ["x"],
    outputsToSave: onednn ? [true, true] : [true],
    gradFunc: (slopes, [x, y, memory], attributes) => {
      const dy = Array.isArray(slopes) ? slopes[0] : slopes; // tfjs gives a list only where there are several outputs
      return { x: () => run("ThawMaxPoolGradient", { x, y, memory, dy }, attributes) };
    },
  });
}

function plain({ kernel, stride }: PoolAttributes): OpAttribute[] {
  return [
    type("T"),
    ints("ksize", [1, ...kernel, 1]),
    ints("strides", [1, ...stride, 1]),
    string("padding", "VALID"),
    NHWC,
  ];
}

function workspace(attributes: PoolAttributes): OpAttribute[] {
  return [...plain(attributes), bool("workspace_enabled", true), ONEDNN];
}

function hasWorkspacePool(backend: OpRunner): boolean {
  if (!mayUseOneDnn(backend, "_MklNativeMaxPool")) return false;
  return tf.tidy(() => {
    try {
      const x = tf.zeros([1, 2, 2, 1]);
      backend.executeMultipleOutputs("_MklNativeMaxPool", workspace({ kernel: [2, 2], stride: [2, 2] }), [x], 2);
      return true;
    } catch {
      return false;
    }
  });
}
