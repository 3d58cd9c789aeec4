import * as tf from "@tensorflow/tfjs";
import { oneDnn } from "./onednn.ts";
import { float, type OpAttribute, type OpRunner, registerKernel, run, type } from "./op.ts";

interface NormAttributes {
  epsilon: number;
}

/** Layer norm of rows `[N, C]`: oneDNN's op where this build has it, and a gradient in closed form, which saves the input only. */
export function registerLayerNorm(backend: OpRunner): void {
  const normalize = oneDnn(backend, "_MklLayerNorm", (call) => {
    call(backend, attributes({ epsilon: 1 }), [tf.eye(2), tf.ones([2]), tf.zeros([2])]);
  }, []);
  registerKernel<NormAttributes>("ThawLayerNorm", (backend, { x, scale, offset }, { epsilon }) => {
    if (!normalize) return composed(x, scale, offset, epsilon);
    return normalize(backend, attributes({ epsilon }), [x, scale, offset])[0];
  });
  tf.registerGradient({
    kernelName: "ThawLayerNorm",
    inputsToSave: ["x", "scale"],
    gradFunc: (slope, [x, scale], attrs) => {
      const dy = slope as tf.Tensor;
      const { epsilon } = attrs as unknown as NormAttributes;
      const plain = { x, scale: tf.onesLike(scale), offset: tf.zerosLike(scale) };
      const normal = run("ThawLayerNorm", plain, { epsilon });
      return {
        x: () => {
          // What changes a row's mean or variance has no effect: those parts of the slope are taken out.
          const variance = tf.mean(tf.squaredDifference(x, tf.mean(x, 1, true)), 1, true);
          const g = tf.mul(dy, scale);
          const along = tf.mul(normal, tf.mean(tf.mul(g, normal), 1, true));
          return tf.mul(tf.sub(tf.sub(g, tf.mean(g, 1, true)), along), tf.rsqrt(tf.add(variance, epsilon)));
        },
        scale: () => tf.sum(tf.mul(dy, normal), 0),
        offset: () => tf.sum(dy, 0),
      };
    },
  });
}

function attributes({ epsilon }: NormAttributes): OpAttribute[] {
  return [type("T"), float("epsilon", epsilon)];
}

function composed(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): tf.Tensor {
  const { mean, variance } = tf.moments(x, 1, true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), scale), offset);
}
