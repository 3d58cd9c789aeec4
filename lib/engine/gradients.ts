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
      return { x: () => own(name, { dy, y }) ?? tf.mul(dy, name === "Relu" ? tf.step(y) : inside(y)) };
    },
  });
}

/** The gradients of these are tfjs's, and an engine's own op in one pass where it has one. */
for (const name of ["Sigmoid", "Tanh", "LeakyRelu"]) {
  const composed = tf.getGradient(name);
  const saved = composed.outputsToSave ? "y" : "x";
  tf.unregisterGradient(name);
  tf.registerGradient({
    ...composed,
    gradFunc: (dy, tensors, attributes) => ({
      x: () =>
        own(name, { dy: dy as tf.Tensor, [saved]: tensors[0] }, attributes) ??
          composed.gradFunc(dy, tensors, attributes).x(),
    }),
  });
}

/**
 * The gradients of sum and mean: each number that was summed has the same slope. tfjs multiplies it with as many ones, made in
 * JavaScript and brought to where the engine computes, every time.
 */
for (const name of ["Sum", "Mean"]) {
  tf.unregisterGradient(name);
  tf.registerGradient({
    kernelName: name,
    inputsToSave: ["x"],
    gradFunc: (slope, [x], attributes) => ({
      x: () => {
        const axes = tf.util.parseAxisParam(attributes.axis as number | number[], x.shape);
        const kept = x.shape.map((size, axis) => axes.includes(axis) ? 1 : size);
        const dy = (slope as tf.Tensor).reshape(kept);
        const count = axes.reduce((product, axis) => product * x.shape[axis], 1);
        return tf.broadcastTo(name === "Sum" ? dy : tf.div(dy, count), x.shape);
      },
    }),
  });
}

/** The gradient by a kernel of the engine in use, where it has one. */
function own(name: string, inputs: tf.NamedTensorMap, attributes?: tf.NamedAttrMap): tf.Tensor | undefined {
  const kernel = `Thaw${name}Gradient`;
  if (!tf.getKernel(kernel, tf.getBackend())) return undefined;
  return tf.engine().runKernel(kernel, inputs, attributes) as tf.Tensor;
}

/** 1 between the corners of relu6, 0 elsewhere. */
function inside(y: tf.Tensor): tf.Tensor {
  return tf.mul(tf.step(y), tf.step(tf.sub(6, y)));
}
