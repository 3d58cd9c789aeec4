import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { releaseForgotten } from "../../lib/engine/mod.ts";
import { onEachEngine, release } from "../tensors.ts";
import { nn } from "./nn.ts";

function network(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1 }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(8, 4),
  );
}

/** Collects until nothing more comes back: what one collection frees may have held something else. */
async function forget(): Promise<void> {
  for (let i = 0; i < 3; i++) await releaseForgotten();
}

async function runOnce(): Promise<void> {
  const net = network();
  const x = tf.ones([1, 6, 6, 3]);
  const labels = tf.tensor1d([1], "int32");
  const loss = () => new nn.CrossEntropyLoss().forward(net.forward(x), labels);
  const { value, grads } = tf.engine().gradients(loss, net.parameters().map(({ value }) => value));
  const y = net.eval().forward(x);
  await y.data();
  tf.dispose([x, y, labels, value, ...grads]);
}

onEachEngine("networks that nobody holds any more give their memory back", async () => {
  await forget();
  const before = tf.memory();
  for (let i = 0; i < 5; i++) await runOnce();
  await forget();
  const { numTensors, numBytes } = tf.memory();
  assertEquals([numTensors - before.numTensors, numBytes - before.numBytes], [0, 0]);
});

onEachEngine("state dicts that nobody holds any more give their memory back", async () => {
  const net = network();
  const values = net.parameters().map(({ value }) => value.size);
  net.namedBuffers().forEach(([, buffer]) => "initialized" in buffer && buffer.value);
  await forget();
  const before = tf.memory().numTensors;
  const read = async () => {
    const sd = net.stateDict();
    await Promise.all([...sd.values()].map((entry) => entry.data()));
  };
  for (let i = 0; i < 5; i++) await read();
  await forget();
  assertEquals(tf.memory().numTensors - before, 0);
  assertEquals(net.parameters().map(({ value }) => value.size), values);
  release(net);
});

onEachEngine("networks that share weights give them back when the last is forgotten", async () => {
  await forget();
  const before = tf.memory().numTensors;
  const pass = (from: nn.Sequential) => {
    const to = network();
    to.loadStateDict(from.stateDict());
    return to;
  };
  (() => void pass(pass(network())))();
  await forget();
  assertEquals(tf.memory().numTensors - before, 0);
});

onEachEngine("weights that somebody holds outlive their network", async () => {
  const take = () => {
    const net = new nn.Linear(2, 2, { init: nn.init.constant(3), bias: false });
    return { weight: net.weight.value, sd: net.stateDict() };
  };
  const { weight, sd } = take();
  await forget();
  assertEquals([...await weight.data()], [3, 3, 3, 3]);
  assertEquals(Array.from(await sd.get("weight")!.data(), Number), [3, 3, 3, 3]);
  weight.dispose();
  release(sd);
  await forget();
});

onEachEngine("what was disposed by hand is not given back twice", async () => {
  const kept = new nn.Linear(2, 2);
  const share = () => {
    const net = new nn.Linear(2, 2);
    const sd = net.stateDict();
    kept.loadStateDict(sd);
    release(net, sd);
  };
  void kept.weight.value;
  void kept.bias!.value;
  await forget();
  const before = tf.memory().numTensors;
  share();
  await forget();
  assertEquals(tf.memory().numTensors, before);
  assertEquals([(await kept.weight.value.data()).length, (await kept.bias!.value.data()).length], [4, 2]);
  release(kept);
});
