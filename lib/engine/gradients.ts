import * as tf from "@tensorflow/tfjs";

/**
 * The gradients of relu and relu6 on every engine: torch's at the corners (none at exactly 0 and 6, where tfjs lets relu6's
 * pass at 6), and by an engine's own op where it has one, which is some ten times faster than the product with a step.
 */
for (const name of ["Relu", "Relu6"]) {
  tf.unregisterGradient(name);
  tf.registerGradient({
    kernelName: name,
    outputsToSave: [true],
    gradFunc: (slope, [y]) => {
      const dy = slope as tf.Tensor;
      return { x: () => own(`Thaw${name}Gradient`, dy, y) ?? tf.mul(dy, name === "Relu" ? tf.step(y) : inside(y)) };
    },
  });
}

/** The gradient by a kernel of this name, where the engine in use has one. */
function own(kernel: string, dy: tf.Tensor, y: tf.Tensor): tf.Tensor | undefined {
  if (!tf.getKernel(kernel, tf.getBackend())) return undefined;
  return tf.engine().runKernel(kernel, { dy, y }) as tf.Tensor;
}

/** 1 between the corners of relu6, 0 elsewhere. */
function inside(y: tf.Tensor): tf.Tensor {
  return tf.mul(tf.step(y), tf.step(tf.sub(6, y)));
}
