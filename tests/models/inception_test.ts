import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../../lib/data/mod.ts";
import * as models from "../../lib/models/mod.ts";
import { fit, freeze } from "../../lib/training/mod.ts";
import { save } from "../../lib/weights/save.ts";
import { noLeaks, release } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");
const row = golden.models.inception_v3;

noLeaks("inception_v3: torchvision's keys, counts, text and logits", async () => {
  const model = models.inception_v3();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

Deno.test("inception_v3: the stages are the whole network, with and without its auxiliary head", () => {
  for (const auxLogits of [true, false]) {
    const model = models.inception_v3({ auxLogits });
    const stages = model.stages();
    assertEquals(
      stages.flatMap(({ modules }) => modules).sort(),
      model.namedChildren().map(([name]) => name).sort(),
    );
    const branches = stages.filter(({ auxiliary }) => auxiliary).map((
      { name, auxiliary },
    ) => [name, auxiliary!.weight]);
    assertEquals(branches, auxLogits ? [["Mixed_6e", 0.4]] : []);
    assertEquals(stages.map(({ name }) => name).slice(-3), ["Mixed_7c", "avgpool", "fc"]);
  }
});

noLeaks("inception_v3: a weights' file's auxiliary head is taken, or left where it is not wanted", async () => {
  const folder = await Deno.makeTempDir();
  const file = { url: join(folder, "inception.pth") };
  const whole = models.inception_v3({ initWeights: false });
  const state = whole.stateDict();
  await save(state, file.url);
  const { options, categories, transforms } = models.info("inception_v3").weights.IMAGENET1K_V1;
  const weights = { file, options, categories, transforms };
  const plain = await models.inception_v3({ weights });
  assertEquals([plain.transformInput, models.loadReport(plain)!.left], [true, []]);
  assertEquals(plain.namedState().length, whole.namedState().length);
  const bare = await models.inception_v3({ weights, auxLogits: false });
  assertEquals(bare.AuxLogits, null);
  assert(models.loadReport(bare)!.left.every((name) => name.startsWith("AuxLogits.")));
  const fresh = await models.inception_v3({ weights, head: "new", numClasses: 9 });
  assertEquals([fresh.fc.outFeatures, fresh.AuxLogits!.fc.outFeatures], [9, 9]);
  assertEquals(models.loadReport(fresh)!.left, ["AuxLogits.fc.weight", "AuxLogits.fc.bias", "fc.weight", "fc.bias"]);
  release(whole, state, plain, bare, fresh);
  await Deno.remove(folder, { recursive: true });
});

noLeaks("inception_v3: 75 pixels are enough, but for the auxiliary head, which says that it needs 299", async () => {
  const model = models.inception_v3({ numClasses: 2 });
  const [least, small] = [75, 74].map((size) => tf.zeros([2, size, size, 3]));
  const logits = model.eval().forward(least);
  assertEquals(logits.shape, [2, 2]);
  assertEquals(
    assertThrows(() => model.forward(small), RangeError).message,
    "Cannot run Inception3: expected pictures of at least 75 × 75 pixels, found 74 × 74; enlarge them, for example by the " +
      "transforms' resize and crop",
  );
  const data = fromTensors(least, [0, 1]);
  freeze(model, { until: "Mixed_6e" });
  assertEquals(
    await fit(model, data, { display: false }).catch((error) => (error as Error).message),
    "Cannot run InceptionAux: expected maps of at least 17 × 17, as pictures of 299 × 299 pixels give, found 3 × 3; enlarge " +
      "the pictures, or leave the auxiliary head out: auxLogits: false, or model.AuxLogits = null",
  );
  release(model.AuxLogits!);
  model.AuxLogits = null;
  const run = await fit(model, data, { display: false, epochs: 1, restoreBest: false });
  assertEquals([run.state, run.auxiliary], ["finished", []]);
  tf.dispose([least, small, logits]);
  release(model, run.best!.stateDict);
});

noLeaks("inception_v3: initial values have torchvision's spread", async () => {
  const model = models.inception_v3();
  const expected = { "Mixed_6b.branch7x7_2.conv": 0.1, "AuxLogits.conv1.conv": 0.1, "AuxLogits.fc": 0.001, "fc": 0.1 };
  const parameters = new Map(model.namedParameters());
  for (const [path, deviation] of Object.entries(expected)) {
    const variance = tf.tidy(() => tf.moments(parameters.get(`${path}.weight`)!.value).variance);
    assert(Math.abs(Math.sqrt((await variance.data())[0]) / deviation - 1) < 0.05, path);
    variance.dispose();
  }
  release(model);
});

Deno.test("inception_v3: bad options are refused by name", () => {
  assertThrows(
    () => models.inception_v3({ initWeights: null as unknown as boolean }),
    TypeError,
    "Cannot make Inception3: expected initWeights to be true or false, found null",
  );
  assertThrows(
    () => models.inception_v3({ dropout: 2 }),
    RangeError,
    "Cannot make Inception3: expected dropout to be from 0 to 1, found 2",
  );
});
