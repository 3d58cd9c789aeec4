import { assert, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CrossEntropyLoss } from "../../lib/nn/mod.ts";
import { computeGradients, SGD } from "../../lib/training/mod.ts";
import { noLeaks, release } from "../tensors.ts";
import { batchOf, cases, near, networkOf, SGD_OPTIONS } from "./training_golden.ts";

for (const one of cases) {
  const { model: name, train, loss, grad_l2, state_l2, logits } = one;
  noLeaks(`${name} trains as in PyTorch: ${train ? `only ${train.join(", ")}` : "all of it"}`, async () => {
    const model = networkOf(one);
    const trained = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
    const parameters = trained.map(([, parameter]) => parameter);
    const optimizer = new SGD(parameters, SGD_OPTIONS);
    const { x, y } = batchOf(one);
    for (let step = 0; step < 4; step++) {
      const { loss: value, gradients } = computeGradients(
        parameters,
        () => new CrossEntropyLoss().forward(model.forward(x), y),
      );
      if (step < loss.length) near((await value.data())[0], loss[step], `loss before step ${step + 1}`);
      if (step === 0) {
        const norms = new Map(trained.map(([path], i) => [path, tf.norm(gradients[i]!)]));
        const largest = Math.max(...Object.values(grad_l2));
        for (const [path, expected] of Object.entries(grad_l2)) {
          near((await norms.get(path)!.data())[0], expected, `gradient of ${path}`, 1e-6 * largest);
        }
        tf.dispose([...norms.values()]);
      }
      optimizer.step(gradients);
      tf.dispose([value, ...gradients.map((gradient) => gradient!)]);
    }
    const state = model.stateDict();
    const largest = Math.max(...Object.values(state_l2 ?? {}));
    if (state_l2) assertEquals([...state.keys()], Object.keys(state_l2));
    for (const [path, expected] of Object.entries(state_l2 ?? {})) {
      const data = await state.get(path)!.data();
      let squares = 0;
      for (const value of data) squares += Number(value) ** 2;
      near(Math.sqrt(squares), expected, `state of ${path}`, 1e-6 * largest);
    }
    const output = tf.tidy(() => model.eval().forward(x));
    const found = await output.array() as number[][];
    for (const [i, row] of (logits ?? []).entries()) {
      const scale = Math.max(...row.map(Math.abs));
      row.forEach((value, j) => assert(Math.abs(value - found[i][j]) <= 1e-2 * scale, `logit ${i}, ${j}`));
    }
    optimizer.dispose();
    tf.dispose([x, y, output]);
    release(state, model);
  });
}
