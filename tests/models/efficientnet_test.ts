import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/freeze.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";
import { assertDivided, assertStagesRun } from "./stages.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

/** A stage of each kind of block. */
const stages: models.EfficientNetStage[] = [
  { expandRatio: 1, kernel: 3, stride: 1, inputChannels: 8, outChannels: 8, numLayers: 2, fused: true },
  { expandRatio: 4, kernel: 5, stride: 2, inputChannels: 8, outChannels: 16, numLayers: 2 },
];

noLeaks("efficientnet_b0: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.efficientnet_b0;
  const model = models.efficientnet_b0();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

for (const name of ["b1", "b2", "b3", "b4", "b5", "b6", "b7", "v2_s", "v2_m", "v2_l"]) {
  Deno.test(`efficientnet_${name}: torchvision's keys, counts and text`, () => {
    assertStructure(models.get(`efficientnet_${name}`), golden.models[`efficientnet_${name}`]);
  });
}

noLeaks("efficientnet: the stages are the whole network, replaced and added layers included", async () => {
  const model = new models.EfficientNet(stages, { numClasses: 5, lastChannel: 32 });
  model.classifier[1] = new nn.Linear(32, 3);
  model.get("features.2", nn.Sequential).append(new nn.SiLU());
  assertDivided(model);
  const x = tf.randomUniform([2, 32, 32, 3]);
  assertEquals(await assertStagesRun(model, x), {
    "features.0": [2, 16, 16, 8],
    "features.1": [2, 16, 16, 8],
    "features.2": [2, 8, 8, 16],
    "features.3": [2, 8, 8, 32],
    "avgpool": [2, 32],
    "classifier": [2, 3],
  });
  x.dispose();
  release(model);
});

Deno.test("efficientnet: the probability of being left out rises from block to block", () => {
  const depths = (options: models.EfficientNetOptions) =>
    new models.EfficientNet(stages, options).modules().flatMap((module) =>
      module instanceof models.StochasticDepth ? [module.p] : []
    );
  assertEquals(depths({}), [0, 0.05, 0.1, 0.2 * 3 / 4]);
  assertEquals(depths({ stochasticDepthProb: 0.4 }), [0, 0.1, 0.2, 0.4 * 3 / 4]);
  assertEquals(
    models.efficientnet_b0({ stochasticDepthProb: 0 }).get("features.6.3.stochastic_depth", models.StochasticDepth).p,
    0,
  );
});

Deno.test("efficientnet: each network has its dropout, unless told", () => {
  const dropout = (name: string, options = {}) => models.get(name, options).get("classifier.0", nn.Dropout).p;
  assertEquals(["b0", "b3", "v2_l"].map((name) => dropout(`efficientnet_${name}`)), [0.2, 0.3, 0.4]);
  assertEquals(dropout("efficientnet_b3", { dropout: 0.1 }), 0.1);
});

noLeaks("efficientnet: a left out block hands on its input, and none is left out of the frozen part", async () => {
  const model = new models.EfficientNet(stages, { stochasticDepthProb: 1 });
  const block = model.get("features.2.1", models.MBConv);
  block.stochastic_depth = new models.StochasticDepth(1, "row");
  const x = tf.randomUniform([2, 4, 4, 16]);
  const out = block.forward(x);
  assertEquals(await out.data(), await x.data());
  freeze(model, { until: "classifier" });
  const whole = block.forward(x);
  assertEquals((await whole.data()).some((value, i) => value !== x.dataSync()[i]), true);
  tf.dispose([x, out, whole]);
  release(model);
});

Deno.test("efficientnet: stages grow in channels and in blocks, rounded as torchvision does", () => {
  const text = (width: number, depth: number) =>
    models.efficientNetStages(width, depth).map(({ outChannels, numLayers }) => `${outChannels}×${numLayers}`).join(
      " ",
    );
  assertEquals(text(1, 1), "16×1 24×2 40×2 80×3 112×3 192×4 320×1");
  assertEquals(text(1.2, 1.4), "24×2 32×3 48×3 96×5 136×5 232×6 384×2");
  assertEquals(models.efficientNetStages(1.4, 1.8)[0].inputChannels, 48);
});

Deno.test("efficientnet: what blocks are made of are arguments of the class", () => {
  const model = new models.EfficientNet(stages, {
    normLayer: () => new nn.Identity(),
    activationLayer: () => new nn.ReLU(),
    seLayer: null,
  });
  const types = new Set(model.modules().map((module) => module.constructor.name));
  assertEquals(["BatchNorm2d", "SiLU", "SqueezeExcitation"].filter((name) => types.has(name)), []);
  assertEquals(["Identity", "ReLU"].filter((name) => types.has(name)), ["Identity", "ReLU"]);
});

Deno.test("efficientnet: a spec makes the same network again", async () => {
  const model = models.efficientnet_b0({ dropout: 0.4, stochasticDepthProb: 0.1, numClasses: 7 });
  assertEquals(String(await models.fromSpec(JSON.parse(JSON.stringify(models.toSpec(model))))), String(model));
});

Deno.test("efficientnet: bad options are named", () => {
  const make = (options: unknown) => () => models.efficientnet_b0(options as models.EfficientNetOptions);
  assertThrows(
    make({ dropout: 1.5 }),
    RangeError,
    "Cannot make EfficientNet: expected dropout to be from 0 to 1, found 1.5",
  );
  assertThrows(
    make({ stochasticDepthProb: "0.2" }),
    RangeError,
    'Cannot make EfficientNet: expected stochasticDepthProb to be from 0 to 1, found "0.2"',
  );
  assertThrows(
    () => new models.EfficientNet(stages, { norm: null } as models.EfficientNetArguments),
    TypeError,
    "Cannot make EfficientNet: expected options { dropout, stochasticDepthProb, numClasses, normLayer, lastChannel, " +
      'activationLayer, convLayer, seLayer, init }, found "norm"',
  );
  const expected =
    "Cannot make EfficientNet: expected stages to be a list of { expandRatio, kernel, stride, inputChannels, outChannels, " +
    "numLayers }, numbers above 0, found ";
  assertThrows(() => new models.EfficientNet([]), TypeError, `${expected}[]`);
  const wrong = { ...stages[0], numLayers: 0 };
  assertThrows(() => new models.EfficientNet([wrong]), TypeError, `${expected}${JSON.stringify([wrong])}`);
  assertThrows(
    () => new models.EfficientNet([{ ...stages[0], stride: 3 }]),
    RangeError,
    "Cannot make FusedMBConv: expected stride 1 or 2, found 3",
  );
  assertThrows(
    () => new models.MBConv({ ...stages[1], stride: 4 }, 0),
    RangeError,
    "Cannot make MBConv: expected stride 1 or 2, found 4",
  );
});
