import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/freeze.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";
import { assertDivided, assertStagesRun } from "./stages.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

/** A DenseNet that takes no time. */
function tiny(options: models.DenseNetArguments = {}): models.DenseNet {
  return new models.DenseNet({ growthRate: 4, blockConfig: [2, 3], numInitFeatures: 8, numClasses: 5, ...options });
}

Deno.test("densenet: torchvision's keys, counts and text, of all four", () => {
  for (const name of models.list({ family: "DenseNet" })) assertStructure(models.get(name), golden.models[name]);
});

noLeaks("densenet121: torchvision's logits", async () => {
  const row = golden.models.densenet121;
  const model = models.densenet121();
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

noLeaks("densenet: torchvision's files, whose layers are norm.1 and conv.2, load whole", () => {
  const model = models.densenet121();
  const { rename } = models.info("densenet121").weights.DEFAULT;
  const inFile = (name: string) => name.replace(/(denselayer\d+\.(?:norm|conv))([12])\./, "$1.$2.");
  const now = goldenState(golden.models.densenet121, golden.salt, model);
  const old = now.filter((name) => !name.endsWith("num_batches_tracked")).rename(inFile);
  const layer = "features.denseblock1.denselayer1.";
  const ofLayer = [...old.keys()].filter((name) => name.startsWith(layer)).map((name) => name.replace(layer, ""));
  assertEquals(ofLayer.slice(0, 5), [
    "norm.1.weight",
    "norm.1.bias",
    "norm.1.running_mean",
    "norm.1.running_var",
    "conv.1.weight",
  ]);
  assertEquals(model.loadStateDict(old.rename(rename!)).matched.length, 606);
  release(model);
});

Deno.test("densenet: only the old names of dense layers change", () => {
  for (const name of models.list({ family: "DenseNet" })) {
    for (const { rename } of Object.values(models.info(name).weights)) {
      const layer = "features.denseblock2.denselayer12";
      assertEquals(rename!(`${layer}.norm.1.running_var`), `${layer}.norm1.running_var`);
      assertEquals(rename!(`${layer}.conv.2.weight`), `${layer}.conv2.weight`);
      for (const [key] of golden.models[name].keys) assertEquals(rename!(key), key);
      assertEquals(rename!("features.transition1.norm.weight"), "features.transition1.norm.weight");
    }
  }
});

noLeaks(
  "densenet: blocks and transitions are stages, which together are the network, a replaced head included",
  async () => {
    const model = tiny();
    model.classifier = new nn.Linear(model.classifier.inFeatures, 9);
    assertDivided(model);
    assertDivided(models.densenet201());
    assertEquals(model.stages()[0].modules, ["features.conv0", "features.norm0", "features.relu0", "features.pool0"]);
    const x = tf.randomNormal([2, 32, 32, 3]);
    assertEquals(await assertStagesRun(model, x), {
      "features.conv0": [2, 8, 8, 8],
      "features.denseblock1": [2, 8, 8, 16],
      "features.transition1": [2, 4, 4, 8],
      "features.denseblock2": [2, 4, 4, 20],
      "features.norm5": [2, 20],
      "classifier": [2, 9],
    });
    x.dispose();
    release(model);
  },
);

noLeaks("densenet: each layer of a block gets the maps of all before it", () => {
  const model = models.densenet121();
  const block = model.get("features.denseblock2");
  const seen: number[] = [];
  const remove = block.children().map((layer) => nn.onForward(layer, (_layer, x) => seen.push(x.shape[3]!)));
  const x = tf.zeros([1, 4, 4, 128]);
  const y = block.eval().forward(x);
  remove.forEach((off) => off());
  assertEquals(seen, Array.from({ length: 12 }, (_, i) => 128 + 32 * i));
  assertEquals(y.shape, [1, 4, 4, 512]);
  tf.dispose([x, y]);
  release(model);
});

noLeaks("densenet: a block holds its maps twice at most, and not once for each layer", () => {
  const model = tiny({ growthRate: 2, blockConfig: [24], numInitFeatures: 16 }).eval();
  const block = model.get("features.denseblock1");
  const x = tf.zeros([8, 32, 32, 16]);
  block.forward(x).dispose();
  const before = tf.memory().numBytes;
  let most = 0;
  const remove = block.children().map((layer) =>
    nn.onForward(layer, () => most = Math.max(most, tf.memory().numBytes - before))
  );
  const y = block.forward(x);
  remove.forEach((off) => off());
  const output = y.size * 4;
  assert(most <= 2 * output, `${most / output} times the output`);
  tf.dispose([x, y]);
  release(model);
});

Deno.test("densenet: freezing until a layer divides its block", () => {
  const model = models.densenet121();
  const { stages } = freeze(model, { until: "features.denseblock4.denselayer9" });
  assertEquals(stages.slice(-4).map(({ name, state }) => `${name} ${state}`), [
    "features.transition3 frozen",
    "features.denseblock4 partly",
    "features.norm5 trainable",
    "classifier trainable",
  ]);
  const layer = (i: number) => model.get(`features.denseblock4.denselayer${i}`).frozen;
  assertEquals([layer(8), layer(9), layer(16)], [true, false, false]);
  assertEquals(freeze(model, { until: "features.norm0" }).stages[0].state, "partly");
});

noLeaks("densenet: dropRate drops new maps while training, and not in a frozen part", () => {
  const model = tiny({ dropRate: 0.5 });
  const layer = model.get("features.denseblock1.denselayer1");
  const x = tf.randomNormal([4, 16, 16, 8]);
  const zeros = () =>
    tf.tidy(() => {
      const y = layer.forward(x);
      return tf.sum(tf.cast(tf.equal(y, 0), "float32")).dataSync()[0] / y.size;
    });
  assert(Math.abs(zeros() - 0.5) < 0.05);
  freeze(model);
  assertEquals(zeros(), 0);
  const plain = tiny().get("features.denseblock1.denselayer1");
  const y = plain.forward(x);
  assertEquals(tf.tidy(() => tf.sum(tf.cast(tf.equal(y, 0), "float32")).dataSync()[0]), 0);
  tf.dispose([x, y]);
  release(model, plain);
});

Deno.test("densenet: bnSize is the width of the bottleneck", () => {
  const layer = models.densenet121({ bnSize: 2 }).get("features.denseblock1.denselayer1");
  assertEquals([layer.get("conv1", nn.Conv2d).outChannels, layer.get("conv2", nn.Conv2d).inChannels], [64, 64]);
});

Deno.test("densenet: what it cannot be made with is refused", () => {
  const refused: [models.DenseNetArguments, string][] = [
    [{ growthRate: 0 }, "expected growthRate to be a whole number ≥ 1, found 0"],
    [{ bnSize: 1.5 }, "expected bnSize to be a whole number ≥ 1, found 1.5"],
    [{ numInitFeatures: -8 }, "expected numInitFeatures to be a whole number ≥ 1, found -8"],
    [{ dropRate: 1.2 }, "expected dropRate to be from 0 to 1, found 1.2"],
    [
      { blockConfig: [] },
      "expected blockConfig to be the number of layers of each block, such as [6, 12, 24, 16], found []",
    ],
    [
      { blockConfig: 4 as unknown as number[] },
      "expected blockConfig to be the number of layers of each block, such as [6, 12, 24, 16], found 4",
    ],
  ];
  for (const [options, message] of refused) {
    const error = assertThrows(() => new models.DenseNet(options), Error);
    assertEquals(error.message, `Cannot make DenseNet: ${message}`);
  }
  assertThrows(
    () => models.densenet121({ growthRate: 12 } as models.DenseNetOptions),
    TypeError,
    'Cannot make densenet121: expected options weights, numClasses, head, bnSize, dropRate, found "growthRate"',
  );
});
