import { assertEquals, assertLess, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { manualSeed, random } from "../../lib/engine/random.ts";
import { noLeaks, onEachEngine, plain, read, tensor, withGradients } from "../tensors.ts";
import { nn } from "./nn.ts";

/** A batch's values, a list for each channel of each sample. */
function channels({ shape: [count, height, width, depth], data }: { shape: number[]; data: Float32Array }): number[][] {
  return Array.from({ length: count * depth }, (_, i) => {
    const [sample, channel] = [Math.floor(i / depth), i % depth];
    return Array.from(
      { length: height * width },
      (_, place) => data[(sample * height * width + place) * depth + channel],
    );
  });
}

onEachEngine("dropout2d drops channels whole, each of each sample for itself, and scales the others", async () => {
  manualSeed(4);
  for (const p of [0.2, 0.5]) {
    const shape = [40, 3, 2, 50];
    const input = plain("x", shape, 0.5, 1.5);
    const x = tensor(input);
    const ones = (shape: number[]) => ({ shape, data: new Float32Array(tf.util.sizeFromShape(shape)).fill(1) });
    const [y, dx] = await withGradients([x], () => new nn.Dropout2d(p).forward(x), ones);
    x.dispose();
    assertEquals(y.shape, shape);
    const [before, after, slopes] = [input, y, dx].map(channels);
    const stays = slopes.map(([first]) => first !== 0);
    after.forEach((values, i) =>
      values.forEach((value, place) => {
        assertLess(Math.abs(value - (stays[i] ? before[i][place] / (1 - p) : 0)), 1e-5);
        assertLess(Math.abs(slopes[i][place] - (stays[i] ? 1 / (1 - p) : 0)), 1e-5);
      })
    );
    // 2,000 draws: the share that stays, and so the mean, are right to within five standard deviations
    const share = stays.filter((one) => one).length / stays.length;
    assertLess(Math.abs(share - (1 - p)), 5 * Math.sqrt(p * (1 - p) / stays.length), `p ${p}`);
    // samples do not share their draw: were they equal, every column would be all of one kind
    const mixed = Array.from({ length: 50 }, (_, channel) => new Set(stays.filter((_, i) => i % 50 === channel)).size);
    assertEquals(mixed.filter((kinds) => kinds === 2).length > 45, true);
  }
});

onEachEngine("dropout2d: the mean in training is that in evaluation, to sampling error", async () => {
  manualSeed(5);
  const x = tensor(plain("activations", [100, 2, 2, 100], 0, 2));
  for (const p of [0.2, 0.5, 0.8]) {
    const difference = tf.tidy(() => {
      const dropped = new nn.Dropout2d(p).forward(x);
      return tf.mean(tf.sub(dropped, x), [1, 2]); // a number for each of 10,000 draws
    });
    const values = [...(await read(difference)).data];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    assertLess(Math.abs(mean), 5 * deviation / Math.sqrt(values.length), `p ${p}`);
  }
  x.dispose();
});

onEachEngine("dropout2d follows the seed and draws one number a channel; kept and forward draw alike", async () => {
  const x = tf.ones([2, 3, 3, 20]);
  const draw = async () => [...(await read(new nn.Dropout2d().forward(x))).data];
  manualSeed(9);
  const [first, second] = [await draw(), await draw()];
  manualSeed(9);
  assertEquals([await draw(), await draw()], [first, second]);
  assertEquals(String(first) === String(second), false);
  const layer = new nn.Dropout2d();
  manualSeed(9);
  const kept = layer.kept(x);
  assertEquals(kept.shape, [2, 1, 1, 20]);
  const spread = await read(tf.tidy(() => tf.mul(tf.mul(tf.onesLike(x), kept), 2)));
  assertEquals([...spread.data], first);
  tf.dispose([x, kept]);
});

onEachEngine("dropout2d is off in evaluation, in a frozen part and at p 0, and total at p 1", async () => {
  const x = tf.ones([1, 2, 1, 2]);
  const run = async (dropout: nn.Dropout2d) => [...(await read(dropout.forward(x))).data];
  const frozen = new nn.Dropout2d(0.9);
  frozen.frozen = true;
  const before = random.save();
  for (const dropout of [new nn.Dropout2d(0.9).eval(), frozen.train(), new nn.Dropout2d(0)]) {
    assertEquals(await run(dropout), [1, 1, 1, 1]);
  }
  assertEquals(await run(new nn.Dropout2d(1)), [0, 0, 0, 0]);
  assertEquals(random.save(), before, "nothing is drawn for it");
  x.dispose();
});

noLeaks("dropout2d is printed as in torch, and wants maps in every mode", () => {
  assertEquals(String(new nn.Dropout2d()), "Dropout2d(p=0.5, inplace=False)");
  assertEquals(String(new nn.Dropout2d(0.25, { inplace: true })), "Dropout2d(p=0.25, inplace=True)");
  const x = tf.ones([2, 3]);
  for (const layer of [new nn.Dropout2d(), new nn.Dropout2d().eval()]) {
    assertEquals(
      assertThrows(() => layer.forward(x), TypeError).message,
      "Cannot run Dropout2d: expected input [N, H, W, C], found [2, 3]",
    );
  }
  x.dispose();
});
