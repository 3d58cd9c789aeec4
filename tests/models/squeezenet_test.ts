import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";
import { assertDivided, assertStagesRun } from "./stages.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

for (const name of ["squeezenet1_0", "squeezenet1_1"]) { // together as small as one of any other family
  noLeaks(`${name}: torchvision's keys, counts, text and logits`, async () => {
    const row = golden.models[name];
    const model = models.get(name);
    assertStructure(model, row);
    assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
    await assertOutput(model, row, golden.salt);
    release(model);
  });
}

noLeaks("squeezenet: a stage for each block, which together are the network, a replaced head included", async () => {
  const model = models.squeezenet1_1();
  model.classifier[1] = new nn.Conv2d(model.classifier.get("1", nn.Conv2d).inChannels, 9, 1);
  assertDivided(model);
  const x = tf.randomNormal([2, 33, 33, 3]);
  assertEquals(await assertStagesRun(model, x), {
    "features.0": [2, 8, 8, 64],
    "features.3": [2, 8, 8, 128],
    "features.4": [2, 4, 4, 128],
    "features.6": [2, 4, 4, 256],
    "features.7": [2, 2, 2, 256],
    "features.9": [2, 2, 2, 384],
    "features.10": [2, 2, 2, 384],
    "features.11": [2, 2, 2, 512],
    "features.12": [2, 2, 2, 512],
    "classifier": [2, 9],
  });
  x.dispose();
  release(model);
});

noLeaks("squeezenet: its logits are means of maps, never below zero", async () => {
  const model = models.squeezenet1_1({ numClasses: 3 }).eval();
  const x = tf.randomNormal([1, 64, 64, 3]);
  const y = model.forward(x);
  const maps = tf.tidy(() => model.classifier.get("1").forward(nn.runStages(model.stages().slice(0, -1), x)));
  const mean = tf.tidy(() => tf.mean(tf.relu(maps), [1, 2]));
  const [found, expected] = [await y.data(), await mean.data()];
  assertEquals([maps.shape, y.shape], [[1, 3, 3, 3], [1, 3]]);
  found.forEach((logit, i) => assert(logit >= 0 && Math.abs(logit - expected[i]) <= 1e-5));
  tf.dispose([x, y, maps, mean]);
  release(model);
});

Deno.test("squeezenet: what it cannot be made with is refused", () => {
  assertThrows(
    () => new models.SqueezeNet("1.1" as "1_1"),
    RangeError,
    'Cannot make SqueezeNet: expected version "1_0" or "1_1", found "1.1"',
  );
  assertThrows(
    () => models.squeezenet1_1({ dropout: 2 }),
    RangeError,
    "Cannot make SqueezeNet: expected dropout to be from 0 to 1, found 2",
  );
});
