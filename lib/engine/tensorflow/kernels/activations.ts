import * as tf from "@tensorflow/tfjs";
import { deferActivation } from "./deferred.ts";
import { oneDnn } from "./onednn.ts";
import { float, type OpRunner, registerKernel, type } from "./op.ts";

/** The activations: at the end of a convolution or a product that waits, else by themselves; and their gradients. */
export function registerActivations(backend: OpRunner): void {
  registerGradientOps();
  registerSilu(backend);
  registerHardswish();
  registerGelu();
}

/** TensorFlow's own ops for gradients, which gradients.ts asks for. */
function registerGradientOps(): void {
  for (const name of ["Relu", "Relu6"]) {
    registerKernel(
      `Thaw${name}Gradient`,
      (backend, { dy, y }) => backend.executeSingleOutput(`${name}Grad`, [type("T")], [dy, y]),
    );
  }
  for (const name of ["Sigmoid", "Tanh"]) {
    registerKernel(
      `Thaw${name}Gradient`,
      (backend, { dy, y }) => backend.executeSingleOutput(`${name}Grad`, [type("T")], [y, dy]),
    );
  }
  registerKernel<{ alpha: number }>("ThawLeakyReluGradient", (backend, { dy, x }, { alpha }) => {
    return backend.executeSingleOutput("LeakyReluGrad", [type("T"), float("alpha", alpha)], [dy, x]);
  });
}

function registerSilu(backend: OpRunner): void {
  const swish = oneDnn(backend, "_MklSwish", (call) => call(backend, [type("T")], [tf.ones([1])]), []);
  registerKernel("ThawSilu", (backend, { x }) => {
    const fused = deferActivation(backend, x, { name: "_MklSwish" });
    return fused ?? swish?.(backend, [type("T")], [x])[0] ?? tf.mul(x, tf.sigmoid(x));
  });
  tf.registerGradient({
    kernelName: "ThawSilu",
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({
      x: () => {
        const sigmoid = tf.sigmoid(x);
        return tf.add(tf.mul(dy as tf.Tensor, sigmoid), slope("Sigmoid", sigmoid, tf.mul(dy as tf.Tensor, x)));
      },
    }),
  });
}

function registerHardswish(): void {
  registerKernel("ThawHardswish", (backend, { x }) => {
    return deferActivation(backend, x, { name: "_FusedHardSwish" }) ?? tf.mul(x, tf.mul(tf.relu6(tf.add(x, 3)), 1 / 6));
  });
  tf.registerGradient({
    kernelName: "ThawHardswish",
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({
      x: () => {
        const [sixth, bent] = [tf.mul(dy as tf.Tensor, 1 / 6), tf.relu6(tf.add(x, 3))];
        return tf.add(tf.mul(sixth, bent), slope("Relu6", bent, tf.mul(sixth, x)));
      },
    }),
  });
}

type Approximate = { approximate: "none" | "tanh" };

function registerGelu(): void {
  registerKernel<Approximate>("ThawGelu", (backend, { x }, { approximate }) => {
    const name = approximate === "none" ? "GeluExact" : "GeluApproximate";
    return deferActivation(backend, x, { name }) ?? tf.mul(x, tf.mul(tf.add(bell(x, approximate), 1), 0.5));
  });
  tf.registerGradient({
    kernelName: "ThawGelu",
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => ({
      x: () => {
        const { approximate } = attributes as unknown as Approximate;
        const curve = bell(x, approximate);
        const share = tf.mul(tf.add(curve, 1), 0.5);
        return tf.mul(dy as tf.Tensor, tf.add(share, approximate === "none" ? exact(x) : approximated(x, curve)));
      },
    }),
  });

  /** `x · φ(x)`, φ being the normal distribution's density. */
  function exact(x: tf.Tensor): tf.Tensor {
    return tf.mul(tf.mul(x, 1 / Math.sqrt(2 * Math.PI)), tf.exp(tf.mul(tf.square(x), -0.5)));
  }

  /** What the formula with tanh has in its place. */
  function approximated(x: tf.Tensor, tanh: tf.Tensor): tf.Tensor {
    const inner = tf.mul(tf.add(tf.mul(tf.square(x), 3 * CUBIC), 1), LINEAR / 2);
    return slope("Tanh", tanh, tf.mul(x, inner));
  }
}

const LINEAR = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** From −1 to 1: twice the normal distribution's cumulative one, less 1. */
function bell(x: tf.Tensor, approximate: "none" | "tanh"): tf.Tensor {
  if (approximate === "none") return tf.erf(tf.mul(x, Math.SQRT1_2));
  return tf.tanh(tf.mul(x, tf.add(tf.mul(tf.square(x), LINEAR * CUBIC), LINEAR)));
}

/** What comes back through an activation that has given `y`. */
function slope(name: "Sigmoid" | "Tanh" | "Relu6", y: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  return tf.engine().runKernel(`Thaw${name}Gradient`, { y, dy }) as tf.Tensor;
}
