import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/mod.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { values } from "../golden/values.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

noLeaks("mnasnet0_5: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.mnasnet0_5;
  const model = models.mnasnet0_5();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

noLeaks("mnasnet: a stage is a layer with weights and what follows it; replaced and added layers run", async () => {
  const model = models.mnasnet0_5({ numClasses: 9 }).eval();
  const stages = model.stages();
  assertEquals(stages.map(({ name, modules }) => `${name}: ${modules.length}`), [
    "layers.0: 3",
    "layers.3: 3",
    "layers.6: 2",
    "layers.8: 1",
    "layers.9: 1",
    "layers.10: 1",
    "layers.11: 1",
    "layers.12: 1",
    "layers.13: 1",
    "layers.14: 3",
    "avgpool: 0",
    "classifier: 1",
  ]);
  model.classifier[1] = new nn.Linear(1280, 4);
  model.layers.append(new nn.ReLU6());
  const x = tf.randomUniform([1, 64, 64, 3]);
  const whole = model.forward(x);
  const maps = tf.tidy(() => nn.runStages(model.stages().slice(0, 10), x));
  const logits = tf.tidy(() => nn.runStages(model.stages().slice(10), maps));
  assertEquals([maps.shape, logits.shape], [[1, 2, 2, 1280], [1, 4]]);
  assertEquals(await logits.data(), await whole.data());
  assertEquals(Math.max(...await maps.data()) <= 6, true);
  tf.dispose([x, whole, maps, logits]);
  release(model);
});

Deno.test("mnasnet: freezing reads as its stages do", () => {
  const { stages } = freeze(models.mnasnet0_5(), { until: "layers.9" });
  assertEquals(stages.slice(3, 5).map(({ name, state }) => `${name} ${state}`), [
    "layers.8 frozen",
    "layers.9 trainable",
  ]);
});

noLeaks("mnasnet: a file from before alpha applied to the first layers loads as it was meant", () => {
  const old = models.mnasnet0_5();
  const first = { "layers.0": [32, 3, 3, 3], "layers.3": [32, 1, 3, 3], "layers.6": [16, 32, 1, 1] };
  const depth = (name: string) => name.startsWith("layers.7.") ? 16 : 32;
  // torchvision's first version: only these layers had other shapes
  const state = StateDict.from(Object.fromEntries(
    old.namedState().map(([name, { shape, dtype }]) => {
      const filter = first[name.replace(/\.weight$/, "") as keyof typeof first];
      const normal = /^layers\.[147]\./.test(name) && shape.length > 0;
      const narrow = /^layers\.8\.0\.layers\.(\d)\./.exec(name);
      let own = filter ?? (normal ? [depth(name)] : [...shape]);
      if (narrow && Number(narrow[1]) < 6) own = own.map((size) => size === 24 ? 48 : size === 8 ? 16 : size);
      if (name === "layers.8.0.layers.6.weight") own = [16, 48, 1, 1];
      const data = dtype === "int64" ? BigInt64Array.of(0n) : values("old", name, own);
      return [name, { shape: own, data }];
    }),
  ));
  const report = old.loadStateDict(state);
  assertEquals([report.matched.length, report.complete], [state.size, true]);
  assertEquals(old.get("layers.0", nn.Conv2d).outChannels, 32);
  assertEquals(old.get("layers.8.0.layers.0", nn.Conv2d).inChannels, 16);
  assertEquals(old.get("layers.9.0.layers.0", nn.Conv2d).inChannels, 16);
  const x = tf.zeros([1, 32, 32, 3]);
  const logits = old.eval().forward(x);
  assertEquals(logits.shape, [1, 1000]);
  tf.dispose([x, logits]);
  // at alpha 1 both versions are the same
  const one = models.mnasnet1_0();
  const stem = one.layers[0];
  const same = one.stateDict();
  one.loadStateDict(same);
  assert(one.layers[0] === stem);
  release(old, one, same);
});

noLeaks("mnasnet: initial values have torchvision's spread", async () => {
  const model = models.mnasnet1_0();
  const { weight: filter } = model.get("layers.14", nn.Conv2d);
  const { weight: head, bias } = model.get("classifier.1", nn.Linear);
  const expected = [[filter, Math.sqrt(2 / 1280)], [head, Math.sqrt(1 / 1000)]] as const;
  for (const [weight, deviation] of expected) {
    const variance = tf.tidy(() => tf.moments(weight.value).variance);
    assert(Math.abs(Math.sqrt((await variance.data())[0]) / deviation - 1) < 0.02);
    variance.dispose();
  }
  assertEquals([...new Set(await bias!.value.data())], [0]);
  release(model);
});

Deno.test("mnasnet: what cannot be is refused", () => {
  assertThrows(
    () => new models.MNASNet(0),
    RangeError,
    "Cannot make MNASNet: expected alpha to be a number above 0, found 0",
  );
  assertThrows(
    () => models.mnasnet0_5({ dropout: 1.5 }),
    RangeError,
    "Cannot make MNASNet: expected dropout to be from 0 to 1, found 1.5",
  );
});
