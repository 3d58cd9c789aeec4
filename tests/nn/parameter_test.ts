import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { manualSeed } from "../../lib/engine/random.ts";
import { load } from "../../lib/weights/load.ts";
import { save } from "../../lib/weights/save.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { noLeaks, onEachEngine, release } from "../tensors.ts";
import { type Module, nn } from "./nn.ts";

noLeaks("parameters are made when they are first used, and not before", () => {
  const before = tf.memory().numTensors;
  const net = new nn.Sequential(new nn.Conv2d(3, 4, 3), new nn.BatchNorm2d(4), new nn.Linear(512, 1000));
  assertEquals(tf.memory().numTensors, before);
  assertEquals(net.parameters().some(({ initialized }) => initialized), false);
  assertEquals([String(net).length > 0, net.parameters().reduce((total, { size }) => total + size, 0)], [true, 513120]);
  assertEquals(tf.memory().numTensors, before);
  const { weight } = net.get("0", nn.Conv2d);
  assertEquals([weight.value.shape, weight.initialized, tf.memory().numTensors - before], [[3, 3, 3, 4], true, 1]);
  release(net);
});

noLeaks("a parameter that is loaded first is never initialized", async () => {
  let made = 0;
  const init: nn.init.Initializer = (shape) => {
    made++;
    return new Float32Array(shape[0] * shape[1]);
  };
  const layer = new nn.Linear(2, 2, { init, biasInit: init });
  layer.loadStateDict(StateDict.from({
    weight: { shape: [2, 2], data: [1, 2, 3, 4] },
    bias: { shape: [2], data: [5, 6] },
  }));
  assertEquals([made, [...await layer.weight.value.data()]], [0, [1, 2, 3, 4]]);
  release(layer);
});

onEachEngine("a seed gives a network its values, whichever part is used first", async () => {
  const make = () => {
    manualSeed(3);
    return new nn.Sequential(new nn.Conv2d(2, 3, 3), new nn.BatchNorm2d(3), new nn.Linear(4, 5));
  };
  const read = async (net: Module, order: (names: string[]) => string[]) => {
    const parameters = new Map(net.namedParameters());
    const values: Record<string, number[]> = {};
    for (const name of order([...parameters.keys()])) values[name] = [...await parameters.get(name)!.value.data()];
    release(net);
    return values;
  };
  const forwards = await read(make(), (names) => names);
  const backwards = await read(make(), (names) => names.toReversed());
  for (const [name, value] of Object.entries(forwards)) assertEquals(backwards[name], value, name);
  manualSeed(4);
  const other = await read(new nn.Sequential(new nn.Conv2d(2, 3, 3)), (names) => names);
  assertNotEquals(other["0.weight"], forwards["0.weight"]);
  // Layers of one network differ.
  manualSeed(3);
  const [a, b] = [new nn.Linear(3, 3), new nn.Linear(3, 3)];
  assertNotEquals([...await a.weight.value.data()], [...await b.weight.value.data()]);
  release(a, b);
});

noLeaks("a parameter used for the first time within a tidy or a gradient stays", async () => {
  const layer = new nn.Linear(2, 1);
  tf.tidy(() => void layer.weight.value);
  assertEquals((await layer.weight.value.data()).length, 2);
  const x = tf.ones([1, 2]);
  const { value, grads } = tf.engine().gradients(() => tf.sum(layer.forward(x)) as tf.Scalar, [x]);
  assertEquals([layer.bias!.initialized, grads[0].shape], [true, [1, 2]]);
  tf.dispose([value, x, ...grads]);
  assertEquals((await layer.bias!.value.data()).length, 1);
  release(layer);
});

noLeaks("a buffer is replaced by what is made of it", async () => {
  const buffer = new nn.Buffer([2], nn.init.constant(1));
  const variable = buffer.value;
  buffer.update((value) => tf.add(tf.mul(value, 2), 1));
  assertEquals([buffer.value === variable, [...await buffer.value.data()]], [true, [3, 3]]);
  variable.dispose();
});

Deno.test("a counter is a whole number beside the engine", async () => {
  const counter = new nn.Counter(3);
  const entry = counter.entry();
  counter.value++;
  assertEquals([entry.shape, entry.dtype, await entry.data()], [[], "int64", new BigInt64Array([3n])]);
  counter.load(entry);
  assertEquals(counter.value, 3);
});

onEachEngine("reset: values are drawn anew, from the seed that is set then, in the same variable", async () => {
  manualSeed(3);
  const conv = new nn.Conv2d(2, 3, 3);
  const read = async () => [...await conv.weight.value.data()];
  const variable = conv.weight.value;
  const first = await read();
  manualSeed(8);
  conv.weight.reset();
  const second = await read();
  assertNotEquals(second, first);
  assertEquals([conv.weight.value === variable, variable.shape], [true, [3, 3, 2, 3]]);
  manualSeed(8);
  conv.weight.reset();
  assertEquals(await read(), second);
  conv.weight.reset();
  assertNotEquals(await read(), second); // the generator goes on
  // what a fresh network of that seed would have
  manualSeed(8);
  const fresh = new nn.Conv2d(2, 3, 3);
  assertEquals([...await fresh.weight.value.data()], second);
  release(conv, fresh);
});

noLeaks("reset: what was never used stays unmade, and begins from the values of the reset all the same", async () => {
  manualSeed(1);
  const used = new nn.Linear(3, 3);
  manualSeed(2);
  const unused = new nn.Linear(3, 3);
  used.weight.value;
  for (const layer of [used, unused]) {
    manualSeed(5);
    layer.weight.reset();
  }
  assertEquals([used.weight.initialized, unused.weight.initialized], [true, false]);
  assertEquals(await unused.weight.value.data(), await used.weight.value.data());
  release(used, unused);
});

noLeaks("reset: loaded and trained values, buffers and counters go back to where they begin", async () => {
  const norm = new nn.BatchNorm2d(2);
  norm.loadStateDict(StateDict.from({
    weight: { shape: [2], data: [3, 4] },
    bias: { shape: [2], data: [5, 6] },
    running_mean: { shape: [2], data: [7, 8] },
    running_var: { shape: [2], data: [9, 10] },
    num_batches_tracked: { shape: [], dtype: "int64", data: [12] },
  }));
  const state = norm.stateDict();
  for (const [, stored] of norm.namedState()) stored.reset();
  const values = await Promise.all(
    [norm.weight!, norm.bias!, norm.running_mean!, norm.running_var!].map(async ({ value }) => [...await value.data()]),
  );
  assertEquals(values, [[1, 1], [0, 0], [0, 0], [1, 1]]);
  assertEquals(norm.num_batches_tracked!.value, 0);
  // a snapshot from before is not touched
  assertEquals([...await state.get("running_mean")!.data()].map(Number), [7, 8]);
  release(norm, state);
});

noLeaks(
  "a file's numbers are read to where they stay; where the file is damaged, the network is as before",
  async () => {
    const [net, other] = [0, 1].map(() => new nn.Sequential(new nn.Conv2d(40, 60, 3), new nn.Linear(500, 700)));
    const path = await Deno.makeTempFile({ suffix: ".pth" });
    const saved = net.stateDict();
    await save(saved, path);
    other.loadStateDict(await load(path));
    const [a, b] = [
      await net.get("0", nn.Conv2d).weight.value.data(),
      await other.get("0", nn.Conv2d).weight.value.data(),
    ];
    assertEquals(b, a);
    const bytes = await Deno.readFile(path);
    const linear = new Uint8Array((await saved.get("1.weight")!.data()).buffer);
    bytes[placeOf(bytes, linear.subarray(0, 16)) + 9] ^= 1;
    const damaged = await load(bytes);
    const before = other.stateDict();
    assertThrows(
      () =>
        other.get("1").loadStateDict(damaged.rename({ strip: "1." }).filter((name) => /^(weight|bias)$/.test(name))),
      Error,
      'Cannot read "1.weight": "archive/data/2" is damaged: expected CRC-32 ',
    );
    const after = other.stateDict();
    assertEquals((await before.diff(after)).equal, true);
    await Deno.remove(path);
    release(net, other, saved, before, after);
  },
);

/** Where these bytes are among others. */
function placeOf(all: Uint8Array, some: Uint8Array): number {
  for (let at = 0; at < all.length; at++) if (some.every((byte, i) => all[at + i] === byte)) return at;
  throw new Error("They are not there");
}
