import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as models from "../../lib/models/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, onEachEngine, plain, read, release, tensor, withGradients } from "../tensors.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

noLeaks("shufflenet_v2_x0_5: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.shufflenet_v2_x0_5;
  const model = models.shufflenet_v2_x0_5();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

onEachEngine("shufflenet_v2: channels are shuffled like cards, and their gradients back", async () => {
  const x = tensor(plain("x", [2, 3, 2, 6]));
  const [shuffled, slopes] = await withGradients([x], () => models.channelShuffle(x, 3));
  const values = await read(x);
  const slope = plain("slope", [2, 3, 2, 6]).data;
  const from = [0, 2, 4, 1, 3, 5]; // three groups of two
  assertEquals([shuffled.shape, slopes.shape], [[2, 3, 2, 6], [2, 3, 2, 6]]);
  for (let pixel = 0; pixel < 12; pixel++) {
    from.forEach((source, i) => {
      assertEquals(shuffled.data[6 * pixel + i], values.data[6 * pixel + source]);
      assertEquals(slopes.data[6 * pixel + source], slope[6 * pixel + i]);
    });
  }
});

noLeaks("shufflenet_v2: a block with a stride of 1 hands half of its channels on", async () => {
  const model = models.shufflenet_v2_x0_5().eval();
  const x = tf.randomUniform([1, 4, 4, 48]);
  const y = model.stage2[1].forward(x);
  const [before, after] = [(await x.data()).subarray(0, 24), (await y.data()).subarray(0, 48)];
  assertEquals([...after].filter((_, i) => i % 2 === 0), [...before]);
  tf.dispose([x, y]);
  release(model);
});

noLeaks("shufflenet_v2: the stages are the whole network, a replaced head and added layers included", async () => {
  const model = models.shufflenet_v2_x0_5().eval();
  model.fc = new nn.Linear(model.fc.inFeatures, 9);
  model.conv5.append(new nn.ReLU6());
  const stages = model.stages();
  assertEquals(stages.map(({ name }) => name), ["conv1", "stage2", "stage3", "stage4", "conv5", "avgpool", "fc"]);
  assertEquals(stages.flatMap(({ modules }) => modules), model.namedChildren().map(([name]) => name));
  const x = tf.randomUniform([1, 64, 64, 3]);
  const whole = model.forward(x);
  const maps = tf.tidy(() => nn.runStages(stages.slice(0, 5), x));
  const logits = tf.tidy(() => nn.runStages(stages.slice(5), maps));
  assertEquals([maps.shape, logits.shape], [[1, 2, 2, 1024], [1, 9]]);
  assertEquals(await logits.data(), await whole.data());
  assertEquals(Math.max(...await maps.data()) <= 6, true);
  tf.dispose([x, whole, maps, logits]);
  release(model);
});

Deno.test("shufflenet_v2: what cannot be is refused", () => {
  assertThrows(
    () => new models.ShuffleNetV2([4, 8], [24, 48, 96, 192, 1024]),
    TypeError,
    "Cannot make ShuffleNetV2: expected repeats to be three whole numbers of blocks, found [4,8]",
  );
  assertThrows(
    () => new models.ShuffleNetV2([4, 8, 4], [24, 47, 96, 192, 1024]),
    TypeError,
    "Cannot make ShuffleNetV2: expected channels to be five whole numbers, the three in the middle even, " +
      "found [24,47,96,192,1024]",
  );
  assertThrows(
    () => models.channelShuffle(tf.zeros([1, 1, 1, 6]), 4),
    RangeError,
    "Cannot shuffle channels: expected groups to divide 6 channels, found 4",
  );
});
