import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/freeze.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";
import { assertDivided, assertStagesRun } from "./stages.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

/** Two stacks of blocks. */
const rows = [[1, 16, 1, 1], [6, 24, 2, 2]] as const;

noLeaks("mobilenet_v2: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.mobilenet_v2;
  const model = models.mobilenet_v2();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

noLeaks("mobilenet_v2: the stages are the whole network, replaced and added layers included", async () => {
  const model = models.mobilenet_v2({ invertedResidualSetting: rows, numClasses: 5 });
  model.features.append(new nn.Conv2d(1280, 4, 1));
  model.classifier[1] = new nn.Linear(4, 3);
  assertDivided(model);
  const x = tf.randomUniform([2, 32, 32, 3]);
  assertEquals(await assertStagesRun(model, x), {
    "features.0": [2, 16, 16, 32],
    "features.1": [2, 16, 16, 16],
    "features.2": [2, 8, 8, 24],
    "features.3": [2, 8, 8, 24],
    "features.4": [2, 8, 8, 1280],
    "features.5": [2, 8, 8, 4],
    "avgpool": [2, 4],
    "classifier": [2, 3],
  });
  x.dispose();
  release(model);
});

noLeaks("mobilenet_v2: where the shapes allow it, a block adds its input", async () => {
  const model = models.mobilenet_v2({ invertedResidualSetting: rows }).eval();
  const blocks = ["features.1", "features.2", "features.3"].map((path) => model.get(path));
  assertEquals(blocks.map((block) => (block as unknown as { hasShortcut: boolean }).hasShortcut), [false, false, true]);
  const last = model.get("features.3.conv.3", nn.BatchNorm2d);
  last.weight = new nn.Parameter([24], nn.init.constant(0)); // so that it adds nothing
  const x = tf.randomUniform([1, 4, 4, 24]);
  const y = blocks[2].forward(x);
  assertEquals(await y.data(), await x.data());
  tf.dispose([x, y]);
  release(model);
});

Deno.test("mobilenet_v2: channels are widened and rounded as torchvision does", () => {
  const channels = (options: models.MobileNetV2Options) => {
    const model = models.mobilenet_v2(options);
    const convs = model.namedModules().filter(([path]) => /^features\.\d+\.(0|conv\.[12])$/.test(path));
    return [...new Set(convs.flatMap(([, conv]) => conv instanceof nn.Conv2d ? [conv.outChannels] : []))].join(" ");
  };
  assertEquals(channels({}), "32 16 24 64 96 160 320 1280");
  assertEquals(channels({ widthMult: 1.4 }), "48 24 32 88 136 224 448 1792");
  assertEquals(channels({ widthMult: 0.35 }), "16 8 24 32 56 112 1280");
  assertEquals(channels({ widthMult: 0.35, roundNearest: 1 }), "11 6 8 22 34 56 112 1280");
});

Deno.test("mobilenet_v2: a spec makes the same network again", async () => {
  const model = models.mobilenet_v2({ widthMult: 0.5, invertedResidualSetting: rows, dropout: 0.3, numClasses: 7 });
  const spec = JSON.parse(JSON.stringify(models.toSpec(model)));
  assertEquals(String(await models.fromSpec(spec)), String(model));
  assertEquals(model.get("classifier.0", nn.Dropout).p, 0.3);
});

Deno.test("mobilenet_v2: freezing until the pooling trains the classifier alone", () => {
  const model = models.mobilenet_v2({ numClasses: 5 });
  freeze(model, { until: "avgpool" });
  const trained = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).map(([path]) => path);
  assertEquals(trained, ["classifier.1.weight", "classifier.1.bias"]);
});

Deno.test("mobilenet_v2: another normalization is an argument of the class", () => {
  const model = new models.MobileNetV2({ normLayer: () => new nn.Identity(), invertedResidualSetting: rows });
  assertEquals(model.modules().some((module) => module instanceof nn.BatchNorm2d), false);
  assertEquals(model.get("features.2.conv.3").constructor.name, "Identity");
});

Deno.test("mobilenet_v2: bad options are named", () => {
  const make = (options: unknown) => () => models.mobilenet_v2(options as models.MobileNetV2Options);
  assertThrows(
    make({ widthMult: 0 }),
    RangeError,
    "Cannot make MobileNetV2: expected widthMult to be a number above 0, found 0",
  );
  assertThrows(
    make({ roundNearest: 0.5 }),
    RangeError,
    "Cannot make MobileNetV2: expected roundNearest to be a whole number ≥ 1, found 0.5",
  );
  assertThrows(
    make({ dropout: 2 }),
    RangeError,
    "Cannot make MobileNetV2: expected dropout to be from 0 to 1, found 2",
  );
  const expected =
    "Cannot make MobileNetV2: expected invertedResidualSetting to be a list of [expandRatio, channels, " +
    "blocks, stride], whole numbers above 0 and the stride 1 or 2, found ";
  assertThrows(make({ invertedResidualSetting: [] }), TypeError, `${expected}[]`);
  assertThrows(make({ invertedResidualSetting: [[6, 24, 2]] }), TypeError, `${expected}[[6,24,2]]`);
  assertThrows(make({ invertedResidualSetting: [[6, 24, 2, 3]] }), TypeError, `${expected}[[6,24,2,3]]`);
  assertThrows(
    () => new models.MobileNetV2({ width: 2 } as models.MobileNetV2Arguments),
    TypeError,
    "Cannot make MobileNetV2: expected options { numClasses, widthMult, invertedResidualSetting, roundNearest, normLayer, " +
      'dropout }, found "width"',
  );
});
