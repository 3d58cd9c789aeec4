import { assertEquals, assertLess, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { applyAdam, applyGradientDescent, applyMomentum } from "../../../../lib/engine/ops/update.ts";
import { ownedVariable, snapshot } from "../../../../lib/engine/ops/variable.ts";
import { assertClose, plain, read, tensor } from "../../../tensors.ts";
import { onTensorFlow } from "./agreement.ts";

type Update = (variables: tf.Variable[], gradient: tf.Tensor, step: number) => void;

const updates: [name: string, averages: number, update: Update][] = [
  ["plain SGD", 0, ([weight], gradient) => applyGradientDescent(weight, gradient, 0.1)],
  ["momentum", 1, ([weight, velocity], gradient) => {
    applyMomentum(weight, velocity, gradient, { learningRate: 0.1, momentum: 0.9, nesterov: false });
  }],
  ["nesterov", 1, ([weight, velocity], gradient) => {
    applyMomentum(weight, velocity, gradient, { learningRate: 0.1, momentum: 0.9, nesterov: true });
  }],
  ["adam", 2, ([weight, mean, square], gradient, step) => {
    applyAdam(weight, mean, square, gradient, { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step });
  }],
  ["adam with a large epsilon", 2, ([weight, mean, square], gradient, step) => {
    applyAdam(weight, mean, square, gradient, { learningRate: 0.01, beta1: 0.8, beta2: 0.9, epsilon: 0.1, step });
  }],
];

const shapes = [[3, 3, 4, 5], [7], []];

function handles(): number {
  return (tf.backend() as unknown as { binding: { getNumOfTensors(): number } }).binding.getNumOfTensors();
}

/** A variable whose values are on the engine already, as a network's are after its first run. */
function onEngine(name: string, shape: number[]): tf.Variable {
  const start = plain(name, shape);
  return ownedVariable(tf.tidy(() => tf.mul(tensor(start), 1)));
}

function zeros(shape: number[], count: number): tf.Variable[] {
  return Array.from({ length: count }, () => ownedVariable(tf.zeros(shape)));
}

async function after(engine: string, averages: number, update: Update, shape: number[]) {
  await tf.setBackend(engine);
  const variables = [onEngine("weight", shape), ...zeros(shape, averages)];
  for (let step = 1; step <= 6; step++) {
    tf.tidy(() => update(variables, tensor(plain(`gradient ${step}`, shape)), step));
  }
  return await Promise.all(variables.map(read));
}

for (const [name, averages, update] of updates) {
  onTensorFlow(`${name} on TensorFlow changes weight and averages as elsewhere, over six steps`, async () => {
    for (const shape of shapes) {
      const expected = await after("cpu", averages, update, shape);
      const found = await after("tensorflow", averages, update, shape);
      // TensorFlow takes 1 − β from a float32 β, which for 0.999 is off by 1.3e-5.
      found.forEach((one, i) => assertClose(one, expected[i], i === 2 ? 3e-5 : 1e-5, `[${shape}], variable ${i}`));
    }
  });

  onTensorFlow(`${name} on TensorFlow leaves a snapshot alone and no native handle behind`, async () => {
    await tf.setBackend("tensorflow");
    const shape = [64, 9];
    const gradient = tf.ones(shape);
    const variables = [onEngine("weight", shape), ...zeros(shape, averages)];
    // The numbers of a step are kept as tensors, some dozens of them: after this, one goes for each that comes.
    for (let step = 1; step <= 40; step++) tf.tidy(() => update(variables, gradient, step));
    const before = handles();
    const start = await variables[0].data();
    const taken = snapshot(variables[0] as tf.Tensor);
    for (let step = 41; step < 51; step++) tf.tidy(() => update(variables, gradient, step));
    assertEquals(await taken.data(), start);
    assertEquals((await variables[0].data()).some((value, i) => value === start[i]), false);
    // A snapshot of a snapshot, and one that outlives what it was taken of.
    const again = snapshot(taken);
    taken.dispose();
    assertEquals(await again.data(), start);
    again.dispose();
    assertEquals(handles(), before);
    tf.dispose([gradient, ...variables]);
  });
}

onTensorFlow("what an update throws leaves weights and averages as they were, and readable", async () => {
  await tf.setBackend("tensorflow");
  const [weight, velocity] = [onEngine("weight", [3]), onEngine("velocity", [3])];
  const gradient = tf.ones([4]);
  const step = { learningRate: 1, momentum: 0.9, nesterov: false };
  const other = zeros([2], 3);
  applyMomentum(other[0], other[1], other[2], step); // what is made once is made now
  const start = await weight.data();
  const startVelocity = await velocity.data();
  const before = handles();
  assertThrows(() => applyMomentum(weight, velocity, gradient, step));
  assertEquals(await weight.data(), start);
  assertEquals(await velocity.data(), startVelocity);
  assertEquals(handles() - before, 1, "native handles left behind beside the gradient's own");
  tf.dispose([weight, velocity, gradient, ...other]);
});

onTensorFlow("a weight stays where there is no memory for what belongs to it", async () => {
  await tf.setBackend("tensorflow");
  const [weight, gradient] = [onEngine("weight", [3]), tf.ones([3])];
  const velocity = ownedVariable(tf.tensor1d([0, 0, 0])); // its values are still out here, as a checkpoint's are
  const start = await weight.data();
  tf.neg(gradient).dispose(); // is brought now
  const { binding } = tf.backend() as unknown as {
    binding: { createTensor?: (shape: number[], ...more: unknown[]) => number };
  };
  const make = binding.createTensor!.bind(binding);
  binding.createTensor = (shape, ...more) => {
    if (shape.length === 1) throw new Error("no memory");
    return make(shape, ...more);
  };
  try {
    const step = { learningRate: 1, momentum: 0.9, nesterov: false };
    assertThrows(() => applyMomentum(weight, velocity, gradient, step), Error, "no memory");
  } finally {
    delete binding.createTensor; // the class's own again
  }
  assertEquals(await weight.data(), start);
  tf.dispose([weight, velocity, gradient]);
});

onTensorFlow("updates give their memory back", async () => {
  await tf.setBackend("tensorflow");
  const shape = [1024, 1024];
  const [weight, velocity] = zeros(shape, 2);
  const gradient = tf.ones(shape);
  const step = { learningRate: 0.1, momentum: 0.9, nesterov: false };
  for (let i = 0; i < 5; i++) applyMomentum(weight, velocity, gradient, step);
  const before = Deno.memoryUsage().rss;
  for (let i = 0; i < 200; i++) applyMomentum(weight, velocity, gradient, step); // 1.6 GB, were they kept
  assertLess(Deno.memoryUsage().rss - before, 200e6);
  tf.dispose([weight, velocity, gradient]);
});

onTensorFlow("a step lets go of weights once, when all of them have changed", async () => {
  await tf.setBackend("tensorflow");
  type Execute = (name: string, ...rest: unknown[]) => unknown;
  const { binding } = tf.backend() as unknown as { binding: { executeOp?: Execute } };
  const weights = [onEngine("a", [2]), onEngine("b", [3])];
  const gradients = weights.map((weight) => tf.onesLike(weight));
  weights.forEach((weight, i) => applyGradientDescent(weight, gradients[i], 0.1));
  await Promise.resolve();
  const ops: string[] = [];
  const execute = binding.executeOp!.bind(binding);
  binding.executeOp = (name, ...rest) => {
    ops.push(name);
    return execute(name, ...rest);
  };
  try {
    weights.forEach((weight, i) => applyGradientDescent(weight, gradients[i], 0.1));
    const each = ["AssignVariableOp", "ResourceApplyGradientDescent", "ReadVariableOp"];
    assertEquals(ops.splice(0), [...each, ...each]);
    await Promise.resolve();
    assertEquals(new Set(ops), new Set(["AssignVariableOp"]));
  } finally {
    delete binding.executeOp; // the class's own again
  }
  tf.dispose([...weights, ...gradients]);
});
