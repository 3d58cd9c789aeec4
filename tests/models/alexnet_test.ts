import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/freeze.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";
import { assertDivided, assertStagesRun } from "./stages.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

noLeaks("alexnet: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.alexnet;
  const model = models.alexnet();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

noLeaks(
  "alexnet: a stage for each layer with weights, which together are the network, a replaced head included",
  async () => {
    const model = models.alexnet();
    model.classifier[6] = new nn.Linear(model.classifier.get("6", nn.Linear).inFeatures, 9);
    assertDivided(model);
    assertEquals(model.stages().map(({ modules }) => modules.map((path) => path.split(".")[1] ?? path).join(" ")), [
      "0 1 2",
      "3 4 5",
      "6 7",
      "8 9",
      "10 11 12",
      "avgpool",
      "0 1 2",
      "3 4 5",
      "6",
    ]);
    const x = tf.randomNormal([2, 63, 63, 3]);
    assertEquals(await assertStagesRun(model, x), {
      "features.0": [2, 7, 7, 64],
      "features.3": [2, 3, 3, 192],
      "features.6": [2, 3, 3, 384],
      "features.8": [2, 3, 3, 256],
      "features.10": [2, 1, 1, 256],
      "avgpool": [2, 9216],
      "classifier.1": [2, 4096],
      "classifier.4": [2, 4096],
      "classifier.6": [2, 9],
    });
    x.dispose();
    release(model);
  },
);

Deno.test("alexnet: the dropout in front of the first layer that trains is on", () => {
  const model = models.alexnet({ dropout: 0.2 });
  const { stages } = freeze(model, { until: "classifier.4" });
  const dropout = (path: string) => model.get(path, nn.Dropout);
  assertEquals([dropout("classifier.0").isTraining, dropout("classifier.3").isTraining], [false, true]);
  assertEquals([dropout("classifier.0").p, dropout("classifier.3").p], [0.2, 0.2]);
  assertEquals(stages.slice(5).map(({ name, state }) => `${name} ${state}`), [
    "avgpool frozen",
    "classifier.1 frozen",
    "classifier.4 trainable",
    "classifier.6 trainable",
  ]);
});

Deno.test("alexnet: what it cannot be made with is refused", () => {
  assertThrows(
    () => models.alexnet({ dropout: 50 }),
    RangeError,
    "Cannot make AlexNet: expected dropout to be from 0 to 1, found 50",
  );
  assertThrows(
    () => new models.AlexNet({ numClasses: 0 }),
    RangeError,
    "Cannot make AlexNet: expected numClasses to be a whole number ≥ 1, found 0",
  );
});
