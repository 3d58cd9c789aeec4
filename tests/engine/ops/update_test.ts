import * as tf from "@tensorflow/tfjs";
import { applyAdam, applyGradientDescent, applyMomentum } from "../../../lib/engine/ops/update.ts";
import { ownedVariable } from "../../../lib/engine/ops/variable.ts";
import { between, figures, weights } from "../../golden/layers.ts";
import { assertClose, onEachEngine } from "../../tensors.ts";

interface Options {
  learningRate?: number;
  momentum?: number;
  nesterov?: boolean;
  betas?: [number, number];
  epsilon?: number;
}

/** The cases that need nothing but the update itself: the classes around it do decay, groups and what is missing. */
const plainCases = figures.optimizers.filter(({ type, options, groups, missing }) =>
  type !== "AdamW" && !options.weightDecay && !groups && !missing
);

for (const { name, type, options, shapes, after } of plainCases) {
  const { learningRate = 0.001, momentum = 0, nesterov = false, betas = [0.9, 0.999], epsilon = 1e-8 } =
    options as Options;

  onEachEngine(`updates are PyTorch's, step by step: ${name}`, async () => {
    for (const [i, shape] of shapes.entries()) {
      const weight = ownedVariable(tf.tensor(weights(`${name}.${i}.p`, shape), shape));
      const averages = [0, 1].map(() => ownedVariable(tf.zeros(shape)));
      for (const [step, expected] of after.entries()) {
        const slope = between(`${name}.${i}.gradient${step}`, weight.size, -1, 1);
        tf.tidy(() => {
          const gradient = tf.tensor(slope, shape);
          if (type === "Adam") {
            const [beta1, beta2] = betas;
            applyAdam(weight, averages[0], averages[1], gradient, {
              learningRate,
              beta1,
              beta2,
              epsilon,
              step: step + 1,
            });
          } else if (momentum) applyMomentum(weight, averages[0], gradient, { learningRate, momentum, nesterov });
          else applyGradientDescent(weight, gradient, learningRate);
        });
        const found = { shape, data: await weight.data() as Float32Array };
        assertClose(found, { shape, data: Float32Array.from(expected[i]) }, 2e-6, `step ${step}, parameter ${i}`);
      }
      tf.dispose([weight, ...averages]);
    }
  });
}
