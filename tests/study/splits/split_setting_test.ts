import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as nn from "../../../lib/nn/mod.ts";
import { manualSeed } from "../../../lib/engine/mod.ts";
import { arrangeSplit, cutOfSplit, type SplitSetting, splitsOf } from "../../../lib/study/splits/split_setting.ts";
import { noLeaks, release } from "../../tensors.ts";

/** Three stages with something to train, the second of two layers, and what is between. */
function network(): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(
    new nn.Conv2d(3, 4, 3),
    new nn.ReLU(),
    new nn.Sequential(new nn.Conv2d(4, 4, 1), new nn.BatchNorm2d(4)),
    new nn.Flatten(),
    new nn.Linear(4, 2),
  );
}

/** A network with statistics, as a pretrained one has them. */
function pretrained(): nn.Sequential {
  const model = network();
  const norm = model.get("2.1", nn.BatchNorm2d);
  norm.running_mean!.update((value) => tf.add(value, 3));
  norm.num_batches_tracked!.value = 7;
  return model;
}

/** The names of the entries that an arrangement has changed. */
async function changed(model: nn.Module, setting: SplitSetting): Promise<string[]> {
  const texts = async () => {
    const state = model.stateDict();
    const read = await Promise.all(
      [...state].map(async ([name, entry]) => [name, String(await entry.data())] as const),
    );
    release(state);
    return new Map(read);
  };
  const before = await texts();
  arrangeSplit(model, setting);
  return [...await texts()].filter(([name, text]) => before.get(name) !== text).map(([name]) => name);
}

const trains = (model: nn.Module) =>
  model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).map(([path]) => path);

noLeaks("pretrained: all before the split is frozen, and no value changes", async () => {
  const model = pretrained();
  assertEquals(await changed(model, { until: "2", start: "pretrained" }), []);
  assertEquals(trains(model), ["2.0.weight", "2.0.bias", "2.1.weight", "2.1.bias", "4.weight", "4.bias"]);
  assertEquals([model.get("0").frozen, model.get("2").frozen], [true, false]);
  arrangeSplit(model, { until: "4", start: "pretrained" });
  assertEquals(trains(model), ["4.weight", "4.bias"]);
  release(model);
});

noLeaks(
  "AnB: the part above begins from random values and fresh statistics, the part below stays as it was",
  async () => {
    const above = ["2.0.weight", "2.0.bias", "2.1.running_mean", "2.1.num_batches_tracked", "4.weight", "4.bias"];
    const model = pretrained();
    assertEquals(await changed(model, { until: "2", start: "AnB" }), above);
    assertEquals([...await model.get("2.1", nn.BatchNorm2d).running_mean!.value.data()], [0, 0, 0, 0]);
    assertEquals(trains(model).length, 6);
    const higher = pretrained();
    assertEquals(await changed(higher, { until: "4", start: "AnB" }), ["4.weight", "4.bias"]);
    assertEquals(higher.get("2.1", nn.BatchNorm2d).num_batches_tracked!.value, 7);
    release(model, higher);
  },
);

noLeaks("AnB: the random values are those of the seed that is set then", async () => {
  const values = async (seed: number) => {
    const model = pretrained();
    manualSeed(seed);
    arrangeSplit(model, { until: "4", start: "AnB" });
    const found = [...await model.get("4", nn.Linear).weight.value.data()];
    release(model);
    return found;
  };
  assertEquals(await values(5), await values(5));
  assertNotEquals(await values(5), await values(6));
});

noLeaks("AnB+: the same values, and everything trains", async () => {
  const model = pretrained();
  const above = ["2.0.weight", "2.0.bias", "2.1.running_mean", "2.1.num_batches_tracked", "4.weight", "4.bias"];
  assertEquals(await changed(model, { until: "2", start: "AnB+" }), above);
  assertEquals([trains(model).length, model.modules().some(({ frozen }) => frozen)], [8, false]);
  release(model);
});

noLeaks("a split within a stage divides it", async () => {
  const model = pretrained();
  const above = ["2.1.running_mean", "2.1.num_batches_tracked", "4.weight", "4.bias"];
  assertEquals(await changed(model, { until: "2.1", start: "AnB" }), above);
  assertEquals(trains(model), ["2.1.weight", "2.1.bias", "4.weight", "4.bias"]);
  release(model);
});

class Scaled extends nn.Module {
  readonly scale = new nn.Parameter([1], nn.init.constant(2));
  readonly shift = new nn.Parameter([1], nn.init.constant(1));
  readonly body = new nn.Linear(2, 2);
  readonly head = new nn.Linear(2, 2);
  override stages(): nn.Stage[] {
    return [
      { name: "body", modules: ["scale", "body"], forward: (x) => tf.mul(this.body.forward(x), this.scale.value) },
      { name: "head", modules: ["shift", "head"], forward: (x) => tf.add(this.head.forward(x), this.shift.value) },
    ];
  }
  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

noLeaks("parameters of the network's own go with their stage", async () => {
  const model = new Scaled();
  for (const parameter of [model.scale, model.shift]) {
    const nine = tf.tensor1d([9]);
    parameter.value.assign(nine);
    nine.dispose();
  }
  assertEquals(await changed(model, { until: "head", start: "AnB" }), ["shift", "head.weight", "head.bias"]);
  assertEquals([...await model.scale.value.data(), ...await model.shift.value.data()], [9, 1]);
  release(model);
});

Deno.test("the cut of a split is its stage, where something is below and stays so", () => {
  const model = network();
  const cut = (until: string, start: SplitSetting["start"] = "pretrained") => cutOfSplit(model, { until, start });
  assertEquals(["0", "1", "2", "4"].map((until) => cut(until)), [undefined, "1", "2", "4"]);
  assertEquals([cut("2.1"), cut("2.1", "AnB"), cut("2", "AnB+"), cut("0.weight")], ["2", "2", undefined, undefined]);
});

Deno.test("a network can be split at every stage that has something to train", () => {
  assertEquals(splitsOf(network()), ["0", "2", "4"]);
  assertEquals(splitsOf(new Scaled()), ["body", "head"]);
});
