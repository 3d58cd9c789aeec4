import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/freeze.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";
import { assertDivided, assertStagesRun } from "./stages.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

/** A VGG that takes little time; most of it is in the classifier. */
function tiny(options: models.VGGArguments = {}): models.VGG {
  return new models.VGG([4, "M", 8, 8, "M"], { numClasses: 5, ...options });
}

noLeaks("vgg: torchvision's keys, counts and text, of all eight, and nothing on the engine", () => {
  for (const name of models.list({ family: "VGG" })) {
    const before = tf.memory().numTensors;
    assertStructure(models.get(name), golden.models[name]);
    assertEquals(tf.memory().numTensors, before, name);
  }
});

noLeaks("vgg11_bn: torchvision's logits", async () => {
  const row = golden.models.vgg11_bn;
  const model = models.vgg11_bn();
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

Deno.test("vgg16: made without weights in less than 50 ms", () => {
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    models.vgg16();
    return performance.now() - start;
  });
  assert(Math.min(...times) < 50, times.join(" "));
});

Deno.test("vgg16: its sixteen layers with weights are its stages", () => {
  const model = models.vgg16();
  assertDivided(model);
  assertEquals(
    model.stages().map(({ name }) => name.replace("features.", "")).join(" "),
    "0 2 5 7 10 12 14 17 19 21 24 26 28 avgpool classifier.0 classifier.3 classifier.6",
  );
  const parts = (stage: string) => model.stages().find(({ name }) => name === stage)?.modules;
  assertEquals(parts("features.24"), ["features.24", "features.25"]);
  assertEquals(parts("features.28"), ["features.28", "features.29", "features.30"]);
  assertEquals(parts("classifier.6"), ["classifier.5", "classifier.6"]);
});

Deno.test("vgg16: freezing until a layer, and until the classifier", () => {
  const model = models.vgg16();
  const trained = () =>
    model.namedParameters().filter(([path, { requiresGrad }]) => requiresGrad && path.endsWith("weight"))
      .map(([path]) => path.replace(".weight", ""));
  const classifier = ["classifier.0", "classifier.3", "classifier.6"];
  freeze(model, { until: "features.24" });
  assertEquals(trained(), ["features.24", "features.26", "features.28", ...classifier]);
  freeze(model, { until: "features.25" }); // the relu behind it
  assertEquals(trained(), ["features.26", "features.28", ...classifier]);
  freeze(model, { until: "classifier" });
  assertEquals(trained(), classifier);
  freeze(model, { until: "classifier.6" });
  assertEquals(trained(), ["classifier.6"]);
  const dropping = (path: string) => model.get(path, nn.Dropout).isTraining;
  assertEquals([dropping("classifier.2"), dropping("classifier.5")], [false, true]);
  freeze(model, { until: "features" });
  assertEquals(trained().length, 16);
  assertThrows(
    () => freeze(model, { until: "features.31" }),
    RangeError,
    'Cannot freeze until "features.31": expected one of the stages features.0, features.2,',
  );
});

noLeaks("vgg: the stages are the network, whatever was replaced or added", async () => {
  const model = tiny({ batchNorm: true });
  const x = tf.randomNormal([2, 32, 32, 3]);
  assertDivided(model);
  assertEquals(await assertStagesRun(model, x), {
    "features.0": [2, 16, 16, 4],
    "features.4": [2, 16, 16, 8],
    "features.7": [2, 8, 8, 8],
    "avgpool": [2, 392],
    "classifier.0": [2, 4096],
    "classifier.3": [2, 4096],
    "classifier.6": [2, 5],
  });
  release(model.classifier, model.features[4]);
  model.features[4] = new nn.Sequential(new nn.Conv2d(4, 8, 1), new nn.ReLU());
  model.features.append(new nn.Conv2d(8, 6, 1)).append(new nn.ReLU());
  model.classifier = new nn.Sequential(new nn.Dropout(0.1), new nn.Linear(6 * 7 * 7, 9), new nn.Identity());
  assertDivided(model);
  assertEquals(Object.entries(await assertStagesRun(model, x)).slice(-3), [
    ["features.11", [2, 8, 8, 6]],
    ["avgpool", [2, 294]],
    ["classifier.1", [2, 9]],
  ]);
  release(model.classifier);
  model.classifier = new nn.Linear(6 * 7 * 7, 3) as nn.Module as nn.Sequential;
  assertDivided(model);
  assertEquals(Object.entries(await assertStagesRun(model, x)).at(-1), ["classifier", [2, 3]]);
  release(model.classifier);
  model.classifier = new nn.Sequential();
  assertEquals(Object.entries(await assertStagesRun(model, x)).at(-1), ["classifier", [2, 294]]);
  x.dispose();
  release(model);
});

noLeaks("vgg: a forward pass frees what the next stage has used", async () => {
  const model = new models.VGG([8, 8, 8, 8, 8, 8, "M"], { numClasses: 2 }).eval();
  model.classifier = new nn.Sequential(new nn.Linear(8 * 7 * 7, 2)); // the first was never on the engine
  const x = tf.zeros([4, 64, 64, 3]);
  model.forward(x).dispose();
  const before = tf.memory().numBytes;
  let most = 0;
  const remove = model.features.children().map((layer) =>
    nn.onForward(layer, () => most = Math.max(most, tf.memory().numBytes - before))
  );
  const y = model.forward(x);
  await y.data();
  remove.forEach((off) => off());
  const maps = 4 * 64 * 64 * 8 * 4;
  assert(most <= 3 * maps, `${most / maps} times the maps of one layer`);
  tf.dispose([x, y]);
  release(model);
});

/** Mean and standard deviation. */
async function spread(parameter: nn.Parameter): Promise<[number, number]> {
  const { mean, variance } = tf.moments(parameter.value);
  const found: [number, number] = [(await mean.data())[0], Math.sqrt((await variance.data())[0])];
  tf.dispose([mean, variance]);
  return found;
}

noLeaks("vgg: layers start as torchvision's, or with initWeights false as torch's", async () => {
  for (const initWeights of [true, false]) {
    const model = new models.VGG([32, 64, "M"], { numClasses: 5, initWeights });
    const conv = model.get("features.2", nn.Conv2d), linear = model.get("classifier.6", nn.Linear);
    const kaiming = Math.sqrt(2 / (64 * 9)), uniform = (fanIn: number) => 1 / Math.sqrt(3 * fanIn);
    for (
      const [{ weight, bias }, deviation] of [
        [conv, initWeights ? kaiming : uniform(32 * 9)],
        [linear, initWeights ? 0.01 : uniform(4096)],
      ] as const
    ) {
      const [mean, found] = await spread(weight);
      assert(Math.abs(found / deviation - 1) < 0.05 && Math.abs(mean) < 0.1 * deviation, `${found}, not ${deviation}`);
      assertEquals((await bias!.value.data()).every((value) => value === 0), initWeights);
    }
    release(model);
  }
});

Deno.test("vgg: what it cannot be made with is refused", () => {
  const message = (make: () => unknown, type: typeof TypeError | typeof RangeError) => assertThrows(make, type).message;
  assertEquals(
    message(() => models.vgg16({ dropout: -0.5 }), RangeError),
    "Cannot make VGG: expected dropout to be from 0 to 1, found -0.5",
  );
  assertEquals(
    message(() => models.vgg16({ initWeights: 0 as unknown as boolean }), TypeError),
    "Cannot make VGG: expected initWeights to be true or false, found 0",
  );
  assertEquals(
    message(() => tiny({ batchNorm: "yes" as unknown as boolean }), TypeError),
    'Cannot make VGG: expected batchNorm to be true or false, found "yes"',
  );
  assertEquals(
    message(() => new models.VGG(["M", 0]), TypeError),
    'Cannot make VGG: expected layers to be numbers of channels and "M"s, such as [64, "M", 128, "M"], found ["M",0]',
  );
});
