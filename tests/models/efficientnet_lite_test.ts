import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { type Emoji, emojiFolder } from "../../lib/data/emoji_files.ts";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/freeze.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertStatistics, goldenImages, readGolden } from "./golden.ts";

/** What make_lite0_golden.py writes. */
interface Golden {
  salt: string;
  rows: { size: number; stages: Record<string, [number, number]>; logits: number[][]; argmax: number[] }[];
}

const golden = await readGolden<Golden>("lite0.json.gz");

for (const { size, stages, logits, argmax } of golden.rows) {
  noLeaks(
    `efficientnet_lite0: with its real weights, PyTorch's numbers stage by stage, at ${size} pixels`,
    async () => {
      const model = (await models.efficientnet_lite0({ weights: "DEFAULT" })).eval();
      assertEquals(model.stages().map(({ name }) => name), Object.keys(stages));
      let x: tf.Tensor = goldenImages(golden.salt, size);
      for (const stage of model.stages()) {
        const y = tf.tidy(() => stage.forward!(x));
        x.dispose();
        x = y;
        await assertStatistics(stage.name, x, stages[stage.name]);
      }
      const found = await x.data() as Float32Array;
      x.dispose();
      release(model);
      logits.forEach((expected, picture) => {
        const row = found.slice(1000 * picture, 1000 * (picture + 1));
        const largest = Math.max(...expected.map(Math.abs));
        expected.forEach((value, i) => {
          assert(Math.abs(row[i] - value) <= 1e-3 * largest, `logit ${i}: expected ${value}, found ${row[i]}`);
        });
        assertEquals(row.indexOf(Math.max(...row)), argmax[picture]);
      });
    },
  );
}

Deno.test("efficientnet_lite0: torchvision's names, and as many parameters as the table says", () => {
  const model = models.efficientnet_lite0();
  const keys = model.namedState().map(([name]) => name);
  assertEquals(keys.length, 296);
  assertEquals(keys.slice(0, 2), ["features.0.0.weight", "features.0.1.weight"]);
  assertEquals(keys.filter((key) => key.endsWith(".0.weight") && key.startsWith("features.2.1")), [
    "features.2.1.block.0.0.weight",
    "features.2.1.block.1.0.weight",
    "features.2.1.block.2.0.weight",
  ]);
  assertEquals(keys.slice(-2), ["classifier.1.weight", "classifier.1.bias"]);
  assertEquals(models.info("efficientnet_lite0").parameters, 4_652_008);
  assertEquals(models.info("efficientnet_lite0").weights.DEFAULT.parameters, 4_652_008);
  assertEquals(
    String(model.get("features.2.1.stochastic_depth")) + String(model.get("features.0.0")),
    "StochasticDepth(p=0.025, mode=row)Conv2dSame(3, 32, kernel_size=(3, 3), stride=(2, 2), bias=False)",
  );
});

noLeaks("efficientnet_lite0: sees what is in a picture", async () => {
  const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
  const folder = await emojiFolder();
  const all: Emoji[] = JSON.parse(await Deno.readTextFile(join(folder, "emoji.json")));
  const expected = {
    "HAMMER": "hammer",
    "VIOLIN": "violin",
    "TEAPOT": "teapot",
    "UMBRELLA": "umbrella",
  };
  const files = Object.keys(expected).map((name) =>
    join(folder, "images", all.find((one) => one.name === name)!.image)
  );
  const predictions = await model.predict(files, { topK: 1 });
  assertEquals([...predictions].map(({ label }) => label), Object.values(expected));
  assert([...predictions].every(({ probability }) => probability > 0.3), String(predictions));
  release(model);
});

noLeaks("efficientnet_lite0: a new head on pretrained features", async () => {
  const model = await models.efficientnet_lite0({ weights: "DEFAULT", head: "new", numClasses: 9 });
  assertEquals(model.classifier.get("1", nn.Linear).outFeatures, 9);
  assertEquals(model.classes, undefined);
  assertEquals(model.transforms?.crop, 224);
  const whole = await models.efficientnet_lite0({ weights: "DEFAULT" });
  assertEquals(whole.classes?.[282], "tiger cat");
  for (const name of ["features.0.0.weight", "features.8.1.running_var"]) {
    const [a, b] = [model, whole].map((one) => new Map(one.namedState()).get(name)!.entry() as nn.EngineEntry);
    assertEquals(await a.data(), await b.data());
    [a, b].forEach((entry) => entry.dispose());
  }
  assertEquals([...await model.get("classifier.1", nn.Linear).bias!.value.data()], Array(9).fill(0));
  release(model, whole);
});

noLeaks("efficientnet_lite0: no initial values are made where weights are loaded", async () => {
  const load = nn.Parameter.prototype.load;
  const wasted: nn.Parameter[] = [];
  nn.Parameter.prototype.load = function (entry) {
    if (this.initialized) wasted.push(this);
    load.call(this, entry);
  };
  try {
    release(await models.efficientnet_lite0({ weights: "DEFAULT" }));
    assertEquals(wasted.length, 0);
  } finally {
    nn.Parameter.prototype.load = load;
  }
});

Deno.test("efficientnet_lite0: another number of classes needs a new head", async () => {
  await assertRejects(
    () => models.efficientnet_lite0({ weights: "DEFAULT", numClasses: 9 }),
    RangeError,
    "Cannot make efficientnet_lite0 with the weights IMAGENET1K_V1: expected numClasses 1000, which they were trained for, " +
      'found 9; pass head: "new" to load everything but the head, or replace model.classifier.1 afterwards',
  );
});

Deno.test("efficientnet_lite0: freezing reads as its stages do", () => {
  const model = models.efficientnet_lite0({ numClasses: 9 });
  const { stages } = freeze(model, { until: "features.5" });
  assertEquals(stages.map(({ name, state }) => `${name} ${state}`).slice(3, 7), [
    "features.3 frozen",
    "features.4 frozen",
    "features.5 trainable",
    "features.6 trainable",
  ]);
});
