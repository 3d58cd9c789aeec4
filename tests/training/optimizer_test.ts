import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { between, figures, weights } from "../golden/layers.ts";
import { between as drawn, figures as twenty } from "../golden/training_features.ts";
import { assertClose, noLeaks, onEachEngine, release } from "../tensors.ts";
import { load, nn, save } from "../../mod.ts";
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

for (const { type, options, after } of twenty.optimizers) {
  onEachEngine(`${type} ${JSON.stringify(options)} moves parameters as torch's over 20 steps`, async () => {
    const { shapes } = twenty;
    const parameters = shapes.map((shape, i) => new nn.Parameter(shape, () => drawn(`start.${i}`, shape, -1, 1)));
    const optimizer = new types[type](parameters, options);
    for (const [step, expected] of after.entries()) {
      const gradients = shapes.map((shape, i) => tf.tensor(drawn(`step${step}.${i}`, shape, -1, 1), shape));
      optimizer.step(gradients);
      tf.dispose(gradients);
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
    () => new SGD(parameters, { lr: 0.1 } as never),
    TypeError,
    'Cannot make SGD: expected options { learningRate, momentum, weightDecay, nesterov }, found "lr"; write learningRate',
  );
  assertThrows(
    () => new Adam(parameters, 0.1 as never),
    TypeError,
    "Cannot make Adam: expected options { learningRate, betas, epsilon, weightDecay } in one object, found 0.1; write " +
      "{ learningRate: 0.1 }",
  );
  assertThrows(
    () => new Adam([]),
    TypeError,
    "Cannot make Adam: expected parameters to train, found none (is everything frozen?)",
  );
});

const makers: Record<string, (model: nn.Module) => Optimizer> = {
  SGD: (model) => new SGD(parameterGroups(model, { "0": { learningRate: 0.2 } }), { learningRate: 0.1, momentum: 0.9 }),
  Adam: (model) => new Adam(model.parameters(), { learningRate: 0.1 }),
  AdamW: (model) => new AdamW(model.parameters(), { learningRate: 0.1 }),
};

for (const [type, make] of Object.entries(makers)) {
  noLeaks(`${type} goes on from a saved state as if it had never ended`, async () => {
    const build = () => new nn.Sequential(new nn.Conv2d(2, 3, 2), new nn.Linear(3, 2));
    const move = (model: nn.Module, optimizer: Optimizer, step: number) => {
      const gradients = model.parameters().map(({ value }, i) =>
        step === 0 && i === 2 ? undefined : tf.tensor(between(`${step}.${i}`, value.size, -1, 1), value.shape)
      );
      optimizer.step(gradients);
      tf.dispose(gradients.filter((gradient) => gradient !== undefined));
    };
    const model = build(), optimizer = make(model);
    for (const step of [0, 1, 2]) move(model, optimizer, step);
    const folder = await Deno.makeTempDir();
    const { tensors, ...plain } = optimizer.state(model);
    const weights = model.stateDict();
    await save(tensors, `${folder}/optimizer.pth`);
    await save(weights, `${folder}/model.pth`);
    for (const step of [3, 4]) move(model, optimizer, step);

    const again = build(), second = make(again);
    move(again, second, 9); // what it has of its own is replaced
    again.loadStateDict(await load(`${folder}/model.pth`));
    const read = await load(`${folder}/optimizer.pth`);
    second.restore({ ...JSON.parse(JSON.stringify(plain)), tensors: read }, again);
    for (const step of [3, 4]) move(again, second, step);
    const [before, after] = [model.stateDict(), again.stateDict()];
    for (const [name, entry] of before) {
      assertEquals([...await after.get(name)!.data()], [...await entry.data()] as number[], name);
    }
    release(before, after, weights, tensors, model, again);
    optimizer.dispose();
    second.dispose();
    await Deno.remove(folder, { recursive: true });
  });
}

noLeaks("a state has torch's names and layouts, and fits only its own kind and parameters", () => {
  const model = new nn.Sequential(new nn.Conv2d(2, 3, 2, { bias: false }));
  const adam = new Adam(model.parameters()), sgd = new SGD(model.parameters(), { learningRate: 1 });
  const gradient = tf.ones([2, 2, 2, 3]);
  adam.step([gradient]);
  gradient.dispose();
  const state = adam.state(model);
  assertEquals([...state.tensors].map(([name, { shape }]) => [name, shape]), [
    ["0.weight.step", []],
    ["0.weight.exp_avg", [3, 2, 2, 2]],
    ["0.weight.exp_avg_sq", [3, 2, 2, 2]],
  ]);
  assertEquals([state.type, state.settings], ["Adam", { betas: [0.9, 0.999], epsilon: 1e-8 }]);
  assertThrows(
    () => sgd.restore(state, model),
    TypeError,
    "Cannot restore SGD: expected the state of SGD, found one of Adam",
  );
  const other = new nn.Sequential(new nn.Conv2d(2, 3, 2));
  assertThrows(
    () => new Adam(other.parameters()).restore(state, other),
    TypeError,
    "Cannot restore Adam: expected the state of the parameters [0.weight, 0.bias], found [0.weight]",
  );
  assertThrows(
    () => adam.state(other),
    TypeError,
    "Cannot name the optimizer's parameters: expected those of Sequential, found another of shape [3, 2, 2, 2]",
  );
  adam.dispose();
  release(model, other, state.tensors);
});
