import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { between, figures, weights } from "../golden/layers.ts";
import { assertClose, noLeaks, onEachEngine } from "../tensors.ts";
import { nn } from "../../mod.ts";
import { Adam, AdamW, type Optimizer, parameterGroups, SGD } from "../../lib/training/mod.ts";

type Make = new (trained: unknown, options: unknown) => Optimizer;
const types = { SGD, Adam, AdamW } as unknown as Record<string, Make>;

for (const { name, type, options, groups, missing, shapes, after } of figures.optimizers) {
  onEachEngine(`${name} moves parameters as torch.optim.${type}`, async () => {
    const parameters = shapes.map((shape, i) => new nn.Parameter(shape, () => weights(`${name}.${i}.p`, shape)));
    const trained = groups ? parameters.map((one, i) => ({ parameters: [one], ...groups[i] })) : parameters;
    const optimizer = new types[type](trained, options);
    for (const [step, expected] of after.entries()) {
      const gradients = shapes.map((shape, i) => {
        if (missing?.[0] === step && missing[1] === i) return undefined;
        const count = shape.reduce((product, size) => product * size, 1);
        return tf.tensor(between(`${name}.${i}.gradient${step}`, count, -1, 1), shape);
      });
      optimizer.step(gradients);
      tf.dispose(gradients.filter((gradient) => gradient !== undefined));
      for (const [i, { value }] of parameters.entries()) {
        const found = { shape: shapes[i], data: await value.data() as Float32Array };
        assertClose(found, { shape: shapes[i], data: Float32Array.from(expected[i]) }, 1e-5, `step ${step}, ${i}`);
      }
    }
    optimizer.dispose();
    parameters.forEach(({ value }) => value.dispose());
  });
}

noLeaks("an optimizer leaves frozen parameters alone, whatever their gradient", async () => {
  const parameter = new nn.Parameter([2], () => Float32Array.of(1, 2));
  const optimizer = new SGD([parameter], { learningRate: 1, weightDecay: 0.5 });
  parameter.requiresGrad = false;
  const gradient = tf.tensor1d([1, 1]);
  optimizer.step([gradient]);
  gradient.dispose();
  assertEquals([...await parameter.value.data()], [1, 2]);
  parameter.value.dispose();
});

Deno.test("parameterGroups divides the trainable parameters", () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(3, 4));
  model.get("0", nn.Linear).bias!.requiresGrad = false;
  const groups = parameterGroups(model, { "1": { learningRate: 0.5 } });
  assertEquals(groups.map(({ name, learningRate, parameters }) => [name, learningRate, parameters.length]), [
    ["1", 0.5, 2],
    ["the rest", undefined, 1],
  ]);
  assertThrows(
    () => parameterGroups(model, { fc: {} }),
    RangeError,
    'Cannot group parameters: expected trainable ones under "fc", found none',
  );
});

Deno.test("an optimizer says which option cannot be", () => {
  const parameters = new nn.Linear(2, 2).parameters();
  assertThrows(
    () => new SGD(parameters, { learningRate: -1 }),
    RangeError,
    "Cannot make SGD: expected learningRate to be a number ≥ 0, found -1",
  );
  assertThrows(
    () => new SGD(parameters, { learningRate: 0.1, nesterov: true }),
    RangeError,
    "Cannot make SGD: expected a momentum above 0 for nesterov, found 0",
  );
  assertThrows(
    () => new AdamW(parameters, { betas: [0.9, 1] }),
    RangeError,
    "Cannot make AdamW: expected betas from 0 to below 1, found 0.9, 1",
  );
  assertThrows(
    () => new Adam([]),
    TypeError,
    "Cannot make Adam: expected parameters to train, found none (is everything frozen?)",
  );
});
