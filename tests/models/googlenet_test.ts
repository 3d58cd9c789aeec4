import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { monteCarloDropout, summary } from "../../lib/inspect/mod.ts";
import * as models from "../../lib/models/mod.ts";
import { evaluate, fit, freeze } from "../../lib/training/mod.ts";
import { fromTensors } from "../../lib/data/mod.ts";
import { save } from "../../lib/weights/save.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");
const row = golden.models.googlenet;

/** Uses a file that has what torchvision's has, auxiliary heads too, with options as those of its weights. */
async function withFile(use: (weights: models.OwnWeights, state: nn.Module) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const model = models.googlenet({ initWeights: false });
  try {
    const state = model.stateDict();
    await save(state, join(folder, "googlenet.pth"));
    release(state);
    const { options, categories, transforms } = models.info("googlenet").weights.IMAGENET1K_V1;
    await use({ file: { url: join(folder, "googlenet.pth") }, options, categories, transforms }, model);
  } finally {
    release(model);
    await Deno.remove(folder, { recursive: true });
  }
}

noLeaks("googlenet: torchvision's keys, counts, text and logits", async () => {
  const model = models.googlenet();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

noLeaks("googlenet: the stages are the whole network, each auxiliary head in the stage that it comes off", async () => {
  const model = models.googlenet({ numClasses: 9 }).eval();
  const stages = model.stages();
  assertEquals(
    stages.flatMap(({ modules }) => modules).sort(),
    model.namedChildren().map(([name]) => name).sort(),
  );
  assertEquals(stages.filter(({ auxiliary }) => auxiliary).map(({ name, modules }) => [name, ...modules]), [
    ["inception4a", "inception4a", "aux1"],
    ["inception4d", "inception4d", "aux2"],
  ]);
  model.fc = new nn.Linear(model.fc.inFeatures, 4);
  const x = tf.randomUniform([2, 32, 32, 3]);
  const whole = model.forward(x);
  const { logits, auxiliary } = nn.forwardWithAuxiliary(model, x);
  assertEquals([whole.shape, ...auxiliary.map(({ logits }) => logits.shape)], [[2, 4], [2, 9], [2, 9]]);
  assertEquals(await logits.data(), await whole.data());
  tf.dispose([x, whole, logits, auxiliary.map(({ logits }) => logits)]);
  release(model);
});

noLeaks("googlenet: transformInput brings ImageNet's colours to the scale from −1 to 1", async () => {
  const [plain, transformed] = [false, true].map((transformInput) => models.googlenet({ transformInput }).eval());
  const state = transformed.stateDict();
  plain.loadStateDict(state);
  const bytes = tf.tensor4d([0, 128, 255, 64, 32, 200], [1, 1, 2, 3]);
  const share = tf.tidy(() => tf.div(tf.tile(bytes, [1, 16, 8, 1]), 255));
  const { mean, std } = models.info("googlenet").weights.IMAGENET1K_V1.transforms;
  const colors = tf.tidy(() => tf.div(tf.sub(share, [...mean]), [...std]));
  const scale = tf.tidy(() => tf.sub(tf.mul(share, 2), 1));
  const [found, expected] = [transformed.forward(colors), plain.forward(scale)];
  const largest = Math.max(...(await expected.data()).map(Math.abs));
  const off = tf.tidy(() => tf.max(tf.abs(tf.sub(found, expected))));
  assert((await off.data())[0] < 1e-5 * largest);
  tf.dispose([bytes, share, colors, scale, found, expected, off]);
  release(plain, transformed, state);
});

noLeaks(
  "googlenet: from a weights' file without auxiliary heads, as torchvision; with them where they are asked for",
  async () => {
    await withFile(async (weights, whole) => {
      const plain = await models.googlenet({ weights });
      assertEquals([plain.aux1, plain.aux2, plain.transformInput], [null, null, true]);
      assertEquals(plain.parameters().reduce((sum, { size }) => sum + size, 0), 6_624_904);
      const left = models.loadReport(plain)!.left;
      assertEquals(left.length, whole.namedState().length - plain.namedState().length);
      assert(left.every((name) => /^aux[12]\./.test(name)));
      assertEquals(plain.classes?.length, 1000);
      const both = await models.googlenet({ weights, auxLogits: true, transformInput: false });
      assertEquals([both.namedState().length, both.transformInput], [whole.namedState().length, false]);
      assertEquals(await same(both, whole, "aux2.fc2.weight"), true);
      release(plain, both);
    });
  },
);

noLeaks(
  "googlenet: a new head means new layers for classes in the auxiliary heads, which the report names",
  async () => {
    await withFile(async (weights, whole) => {
      const model = await models.googlenet({ weights, numClasses: 9, head: "new", auxLogits: true });
      assertEquals([model.fc.outFeatures, model.aux1!.fc2.outFeatures, model.aux2!.fc2.outFeatures], [9, 9, 9]);
      assertEquals(models.loadReport(model)!.left, [
        "aux1.fc2.weight",
        "aux1.fc2.bias",
        "aux2.fc2.weight",
        "aux2.fc2.bias",
        "fc.weight",
        "fc.bias",
      ]);
      assertEquals(await same(model, whole, "aux1.fc1.weight"), true);
      models.replaceHead(model, 4);
      assertEquals([model.fc.outFeatures, model.aux1!.fc2.outFeatures, model.aux2!.fc2.outFeatures], [4, 4, 4]);
      release(model.aux1!);
      model.aux1 = null;
      models.replaceHead(model, 3);
      assertEquals([model.fc.outFeatures, model.aux2!.fc2.outFeatures], [3, 3]);
      release(model);
    });
  },
);

/** Whether two networks have the same values under a name. */
async function same(a: nn.Module, b: nn.Module, name: string): Promise<boolean> {
  const [one, other] = await Promise.all([a, b].map(async (model) => {
    const stored = new Map(model.namedParameters()).get(name)!;
    return await stored.value.data();
  }));
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

noLeaks("googlenet: summary, freeze map, training and evaluation take its auxiliary heads as they are", async () => {
  const model = models.googlenet({ numClasses: 2 });
  const { modules } = summary(model, 64);
  const aux = modules.find(({ name }) => name === "aux1")!;
  assertEquals([aux.calls, aux.outputShape, aux.parameters], [0, undefined, 2_166_018]);
  const plan = freeze(model, { until: "inception4d" });
  assertEquals(plan.stages.map(({ name, state }) => `${name} ${state}`).slice(5, 9), [
    "inception4a frozen",
    "inception4b frozen",
    "inception4c frozen",
    "inception4d trainable",
  ]);
  assert(model.aux1!.frozen && !model.aux2!.frozen);
  const x = tf.randomUniform([4, 32, 32, 3]);
  const data = fromTensors(x, [0, 1, 0, 1]);
  const run = await fit(model, data, { epochs: 1, display: false, restoreBest: false });
  assertEquals(run.cachedAt, "inception4d");
  assertEquals(run.auxiliary, [{ module: "aux1", weight: 0 }, { module: "aux2", weight: 0.3 }]);
  assertEquals((await evaluate(model, data)).count, 4);
  assertEquals((await monteCarloDropout(model, data, { passes: 2 })).layers, ["dropout"]);
  x.dispose();
  release(model, run.best!.stateDict);
});

noLeaks("googlenet: 15 pixels are enough, 14 are refused, in training too", async () => {
  const model = models.googlenet({ numClasses: 2 });
  const pictures = (size: number) => tf.zeros([2, size, size, 3]);
  const [least, small] = [pictures(15), pictures(14)];
  const logits = model.eval().forward(least);
  assertEquals(logits.shape, [2, 2]);
  const message =
    "Cannot run GoogLeNet: expected pictures of at least 15 × 15 pixels, found 14 × 14; enlarge them, for " +
    "example by the transforms' resize and crop";
  assertEquals(assertThrows(() => model.forward(small), RangeError).message, message);
  freeze(model, { until: "fc" });
  const failed = await fit(model, fromTensors(small, [0, 1]), { display: false }).catch((error) =>
    (error as Error).message
  );
  assertEquals(failed, message);
  tf.dispose([least, small, logits]);
  release(model);
});

noLeaks("googlenet: initial values have torchvision's spread, or torch's where they are asked for", async () => {
  const spread = async (model: models.GoogLeNet, path: string) => {
    const { weight } = model.get(path) as nn.Linear;
    const variance = tf.tidy(() => tf.moments(weight.value).variance);
    const [found] = await variance.data();
    variance.dispose();
    return Math.sqrt(found);
  };
  const [ours, torchs] = [models.googlenet(), models.googlenet({ initWeights: false })];
  for (const path of ["inception4a.branch2.1.conv", "aux1.fc1", "fc"]) {
    assert(Math.abs(await spread(ours, path) / 0.01 - 1) < 0.05, path);
    const { weight } = torchs.get(path) as nn.Linear;
    const expected = 1 / Math.sqrt(3 * weight.size / weight.shape[0]);
    assert(Math.abs(await spread(torchs, path) / expected - 1) < 0.05, path);
  }
  release(ours, torchs);
});

Deno.test("googlenet: bad options are refused by name", () => {
  const bad = (options: Record<string, unknown>) => () => models.googlenet(options as models.GoogLeNetOptions);
  assertThrows(
    bad({ auxLogits: "no" }),
    TypeError,
    'Cannot make GoogLeNet: expected auxLogits to be true or false, found "no"',
  );
  assertThrows(
    bad({ transformInput: 1 }),
    TypeError,
    "Cannot make GoogLeNet: expected transformInput to be true or false, found 1",
  );
  assertThrows(
    bad({ dropoutAux: 70 }),
    RangeError,
    "Cannot make GoogLeNet: expected dropoutAux to be from 0 to 1, found 70",
  );
  assertThrows(bad({ dropout: -1 }), RangeError, "Cannot make GoogLeNet: expected dropout to be from 0 to 1, found -1");
  assertThrows(bad({ aux_logits: false }), TypeError, "found");
});
