import * as tf from "@tensorflow/tfjs";
import { deferNorm } from "./deferred_conv.ts";
import { preferOneDnn } from "./onednn.ts";
import { bool, float, NHWC, type OpAttribute, type OpRunner, registerKernel, type } from "./op.ts";

interface NormAttributes {
  epsilon: number;
  training: boolean;
}

/** Batch normalization by TensorFlow's fused ops, with given statistics and with the batch's own. */
export function registerBatchNorm(backend: OpRunner): void {
  const gradientOp = preferOneDnn(backend, "FusedBatchNormGradV3", (call) => {
    const attributes = fusedAttributes({ epsilon: 1, training: true });
    const [images, ones] = [tf.ones([1, 2, 2, 8]), tf.ones([8])];
    call(backend, attributes, [images, images, ones, ones, ones, tf.ones([1])], 5);
  });
  registerKernel<NormAttributes>("ThawBatchNorm", (backend, { x, scale, offset, mean, variance }, { epsilon }) => {
    const fused = deferNorm(backend, x, { scale, offset, mean, variance, epsilon });
    if (fused) return fused;
    const attributes = fusedAttributes({ epsilon, training: false });
    return backend.executeMultipleOutputs("FusedBatchNormV3", attributes, [x, scale, offset, mean, variance], 6)[0];
  });
  // Outputs: the normalized batch, the moved running statistics, and three that the gradient wants back.
  registerKernel<{ epsilon: number; share: number }>(
    "ThawBatchNormTraining",
    (backend, { x, scale, offset, mean, variance }, { epsilon, share }) => {
      const attributes = [...fusedAttributes({ epsilon, training: true }), float("exponential_avg_factor", share)];
      return backend.executeMultipleOutputs("FusedBatchNormV3", attributes, [x, scale, offset, mean, variance], 6);
    },
  );
  registerKernel<NormAttributes>(
    "ThawBatchNormGradient",
    (backend, { dy, x, scale, mean, variance, reserve }, attributes) => {
      const inputs = [dy, x, scale, mean, variance, reserve];
      return gradientOp(backend, fusedAttributes(attributes), inputs, 5).slice(0, 3);
    },
  );
  tf.registerGradient({
    kernelName: "ThawBatchNorm",
    inputsToSave: ["x", "scale", "mean", "variance"],
    gradFunc: (dy, [x, scale, mean, variance], { epsilon }) =>
      gradients({ dy: dy as tf.Tensor, x, scale, mean, variance, reserve: tf.tensor1d([]) }, {
        epsilon,
        training: false,
      }),
  });
  tf.registerGradient({
    kernelName: "ThawBatchNormTraining",
    inputsToSave: ["x", "scale"],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dy, [x, scale, mean, variance, reserve], { epsilon }) =>
      gradients({ dy: (dy as tf.Tensor[])[0], x, scale, mean, variance, reserve }, { epsilon, training: true }),
  });
}

/** One op gives all three gradients; the tape takes those on its path. */
function gradients(inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap) {
  const [x, scale, offset] = tf.engine().runKernel("ThawBatchNormGradient", inputs, attributes) as tf.Tensor[];
  return { x: () => x, scale: () => scale, offset: () => offset };
}

function fusedAttributes({ epsilon, training }: NormAttributes): OpAttribute[] {
  return [type("T"), type("U"), float("epsilon", epsilon), NHWC, bool("is_training", training)];
}
