import * as tf from "@tensorflow/tfjs";
import { registerKernel, run, type } from "./op.ts";

/**
 * The gradients of relu and relu6 by TensorFlow's own ops: tfjs multiplies by a step function instead, some ten times
 * slower. A gradient is registered for all backends at once, so the step function stays for those without our kernel.
 */
export function registerActivations(): void {
  for (const name of ["Relu", "Relu6"]) {
    const gradient = `Thaw${name}Gradient`;
    registerKernel(gradient, (backend, { dy, y }) => backend.executeSingleOutput(`${name}Grad`, [type("T")], [dy, y]));
    tf.unregisterGradient(name);
    tf.registerGradient({
      kernelName: name,
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({
        x: () => {
          if (tf.getKernel(gradient, tf.getBackend())) return run(gradient, { dy, y });
          const rising = tf.step(y);
          return tf.mul(dy as tf.Tensor, name === "Relu" ? rising : tf.mul(rising, tf.step(tf.sub(6, y))));
        },
      }),
    });
  }
}
