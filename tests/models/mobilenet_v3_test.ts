import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/freeze.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";
import { assertDivided, assertStagesRun } from "./stages.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

noLeaks("mobilenet_v3_small: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.mobilenet_v3_small;
  const model = models.mobilenet_v3_small();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

Deno.test("mobilenet_v3_large: torchvision's keys, counts and text", () => {
  assertStructure(models.mobilenet_v3_large(), golden.models.mobilenet_v3_large);
});

noLeaks("mobilenet_v3: the stages are the whole network, replaced and added layers included", async () => {
  const model = new models.MobileNetV3(models.mobileNetV3Blocks("small").slice(0, 3), 32, { numClasses: 5 });
  model.classifier[3] = new nn.Linear(32, 3);
  model.features.append(new nn.Hardswish());
  assertDivided(model);
  assertEquals(model.stages().slice(-4).map(({ modules }) => modules), [
    ["features.4", "features.5"],
    ["avgpool"],
    ["classifier.0", "classifier.1"],
    ["classifier.2", "classifier.3"],
  ]);
  const x = tf.randomUniform([2, 32, 32, 3]);
  assertEquals(await assertStagesRun(model, x), {
    "features.0": [2, 16, 16, 16],
    "features.1": [2, 8, 8, 16],
    "features.2": [2, 4, 4, 24],
    "features.3": [2, 4, 4, 24],
    "features.4": [2, 4, 4, 144],
    "avgpool": [2, 144],
    "classifier.0": [2, 32],
    "classifier.3": [2, 3],
  });
  x.dispose();
  release(model);
});

Deno.test("mobilenet_v3: the last layer alone can be trained, or both of the classifier", () => {
  const trained = (until: string) => {
    const model = models.mobilenet_v3_small({ numClasses: 5 });
    freeze(model, { until });
    return model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).map(([path]) => path).join(" ");
  };
  assertEquals(trained("classifier.3"), "classifier.3.weight classifier.3.bias");
  assertEquals(trained("classifier"), "classifier.0.weight classifier.0.bias classifier.3.weight classifier.3.bias");
});

Deno.test("mobilenet_v3: a reduced tail has half the channels from the last stride on", () => {
  const tail = (size: "large" | "small") =>
    models.mobileNetV3Blocks(size, { reducedTail: true }).slice(-3).map((block) =>
      [block.inputChannels, block.expandedChannels, block.outChannels].join(" ")
    );
  assertEquals(tail("large"), ["112 672 80", "80 480 80", "80 480 80"]);
  assertEquals(tail("small"), ["48 288 48", "48 288 48", "48 288 48"]);
  const large = models.mobilenet_v3_large({ reducedTail: true });
  assertEquals(large.classifier.get("0", nn.Linear).outFeatures, 640);
  // torchvision's numbers of parameters with the same options
  const count = (model: nn.Module) => model.parameters().reduce((sum, { size }) => sum + size, 0);
  const small = models.mobilenet_v3_small({ reducedTail: true, dilated: true, widthMult: 0.75 });
  assertEquals([large, small].map(count), [2_569_352, 752_848]);
});

noLeaks("mobilenet_v3: dilation in the last stride's place keeps height and width, and the keys", () => {
  const plain = models.mobilenet_v3_small({ numClasses: 5 });
  const model = models.mobilenet_v3_small({ numClasses: 5, dilated: true }).eval();
  assertEquals(model.namedState().map(([name]) => name), plain.namedState().map(([name]) => name));
  const spread = (path: string) => [model.get(path, nn.Conv2d).stride[0], model.get(path, nn.Conv2d).dilation[0]];
  assertEquals(spread("features.8.block.1.0"), [1, 1]);
  assertEquals(spread("features.9.block.1.0"), [1, 2]);
  assertEquals(spread("features.11.block.1.0"), [1, 2]);
  const x = tf.zeros([1, 64, 64, 3]);
  const shape = (network: nn.Module) => {
    const maps = tf.tidy(() => nn.runStages(network.eval().stages().slice(0, 13), x));
    maps.dispose();
    return maps.shape;
  };
  assertEquals([shape(plain), shape(model)], [[1, 2, 2, 576], [1, 4, 4, 576]]);
  x.dispose();
  release(model, plain);
});

Deno.test("mobilenet_v3: every number of channels is widened", () => {
  const { features, classifier } = models.mobilenet_v3_small({ widthMult: 0.5 });
  assertEquals(features.get("0.0", nn.Conv2d).outChannels, 8);
  assertEquals(features.get("12.0", nn.Conv2d).outChannels, 288);
  assertEquals(classifier.get("3", nn.Linear).inFeatures, 512);
});

Deno.test("mobilenet_v3: a spec makes the same network again", async () => {
  const options = { widthMult: 0.75, reducedTail: true, dilated: true, dropout: 0.3, numClasses: 7 };
  const model = models.mobilenet_v3_large(options);
  assertEquals(String(await models.fromSpec(JSON.parse(JSON.stringify(models.toSpec(model))))), String(model));
  assertEquals(model.get("classifier.2", nn.Dropout).p, 0.3);
});

Deno.test("mobilenet_v3: bad options are named", () => {
  const make = (options: unknown) => () => models.mobilenet_v3_small(options as models.MobileNetV3Options);
  assertThrows(
    make({ widthMult: "wide" }),
    RangeError,
    'Cannot make MobileNetV3: expected widthMult to be a number above 0, found "wide"',
  );
  assertThrows(
    make({ reducedTail: 1 }),
    TypeError,
    "Cannot make MobileNetV3: expected reducedTail to be true or false, found 1",
  );
  assertThrows(
    make({ dilated: "yes" }),
    TypeError,
    'Cannot make MobileNetV3: expected dilated to be true or false, found "yes"',
  );
  assertThrows(
    make({ dropout: -1 }),
    RangeError,
    "Cannot make MobileNetV3: expected dropout to be from 0 to 1, found -1",
  );
  const expected =
    "Cannot make MobileNetV3: expected blocks to be a list of { inputChannels, kernel, expandedChannels, outChannels, " +
    'stride, dilation, useSe, activation }, whole numbers above 0, true or false, and "RE" or "HS", found ';
  assertThrows(() => new models.MobileNetV3([], 32), TypeError, `${expected}[]`);
  const [block] = models.mobileNetV3Blocks("small");
  const wrong = { ...block, activation: "GELU" as "RE" };
  assertThrows(() => new models.MobileNetV3([wrong], 32), TypeError, `${expected}${JSON.stringify([wrong])}`);
  assertThrows(
    () => new models.MobileNetV3([{ ...block, stride: 3 }], 32),
    RangeError,
    "Cannot make InvertedResidual: expected stride 1 or 2, found 3",
  );
  assertThrows(
    () => models.mobileNetV3Blocks("medium" as "small"),
    RangeError,
    `Cannot make MobileNetV3's blocks: expected size "large" or "small", found "medium"`,
  );
  assertThrows(
    () => models.mobileNetV3Blocks("small", { widthMult: 0 }),
    RangeError,
    "Cannot make MobileNetV3: expected widthMult to be a number above 0, found 0",
  );
});
