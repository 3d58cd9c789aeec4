import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

noLeaks("convnext_tiny: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.convnext_tiny;
  const model = models.convnext_tiny();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

const blocks = [
  { inputChannels: 8, outChannels: 16, numLayers: 2 },
  { inputChannels: 16, outChannels: null, numLayers: 3 },
];

noLeaks(
  "convnext: the stages in forward order are the whole network, a replaced head and an added block included",
  async () => {
    const model = new models.ConvNeXt(blocks, { numClasses: 5, layerScale: 0.1 }).eval();
    model.classifier[2] = new nn.Linear(model.classifier.get("2", nn.Linear).inFeatures, 3);
    model.get("features.3", nn.Sequential).append(new models.CNBlock(16));
    const stages = model.stages();
    assertEquals(stages.map(({ name }) => name), [
      "features.0",
      "features.1",
      "features.2",
      "features.3",
      "avgpool",
      "classifier",
    ]);
    const x = tf.randomUniform([2, 32, 32, 3]);
    const whole = model.forward(x);
    const body = tf.tidy(() => nn.runStages(stages.slice(0, 4), x));
    const head = tf.tidy(() => nn.runStages(stages.slice(4), body));
    assertEquals([body.shape, head.shape], [[2, 4, 4, 16], [2, 3]]);
    assertEquals(await head.data(), await whole.data());
    tf.dispose([x, whole, body, head]);
    release(model);
  },
);

noLeaks(
  "convnext: the probability of being left out rises from block to block, the scales start where told",
  async () => {
    const model = new models.ConvNeXt(blocks, { stochasticDepthProb: 0.4, layerScale: 0.25 });
    const own = model.modules().filter((module) => module instanceof models.CNBlock);
    assertEquals(own.map(({ stochastic_depth }) => stochastic_depth.p), [0, 0.1, 0.2, 0.4 * 3 / 4, 0.4]);
    assertEquals(own.map(({ layer_scale }) => layer_scale.shape), [8, 8, 16, 16, 16].map((c) => [c, 1, 1]));
    assertEquals([...new Set(await own[4].layer_scale.value.data())], [0.25]);
    const last = (options?: models.ConvNeXtOptions) =>
      models.convnext_tiny(options).get("features.7.2", models.CNBlock).stochastic_depth.p;
    assertEquals([last(), last({ stochasticDepthProb: 0.3 })], [0.1, 0.3]);
    const single = [{ inputChannels: 8, outChannels: null, numLayers: 1 }];
    const one = new models.ConvNeXt(single, { stochasticDepthProb: 0.4 });
    assertEquals(one.get("features.1.0", models.CNBlock).stochastic_depth.p, 0);
    release(model);
  },
);

noLeaks("convnext: a block that training leaves out is the identity", async () => {
  const block = new models.CNBlock(4, { stochasticDepthProb: 1, layerScale: 1000 }).train();
  const x = tf.randomUniform([1, 5, 5, 4]);
  const left = block.forward(x), used = block.eval().forward(x);
  assertEquals(await left.data(), await x.data());
  const most = tf.tidy(() => used.sub(x).abs().max());
  assert((await most.data())[0] > 0.1);
  tf.dispose([x, left, used, most]);
  release(block);
});

noLeaks("convnext: initial values have torchvision's spread", async () => {
  const model = models.convnext_tiny();
  for (const path of ["features.0.0", "features.5.3.block.0", "features.3.1.block.3", "features.2.1"]) {
    const { weight, bias } = model.get(path) as nn.Linear;
    const { mean, variance } = tf.moments(weight.value);
    const deviation = Math.sqrt((await variance.data())[0]);
    assert(Math.abs(deviation / 0.02 - 1) < 0.05 && Math.abs((await mean.data())[0]) < 1e-3, path);
    assertEquals([...new Set(await bias!.value.data())], [0], path);
    tf.dispose([mean, variance]);
  }
  release(model);
});

Deno.test("convnext: what cannot be is refused", () => {
  const bad = [{ inputChannels: 8, numLayers: 1 }] as unknown as models.CNBlockConfig[];
  assertThrows(
    () => new models.ConvNeXt(bad),
    TypeError,
    "Cannot make ConvNeXt: expected blocks to be a list of { inputChannels, outChannels, numLayers }, " +
      'found [{"inputChannels":8,"numLayers":1}]',
  );
  assertThrows(
    () => models.convnext_tiny({ stochasticDepthProb: 2 }),
    RangeError,
    "Cannot make ConvNeXt: expected stochasticDepthProb to be from 0 to 1, found 2",
  );
  assertThrows(
    () => models.convnext_tiny({ layerScale: "small" as unknown as number }),
    TypeError,
    'Cannot make ConvNeXt: expected layerScale to be a number, found "small"',
  );
});
