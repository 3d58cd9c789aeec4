import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { batchStatistics, data, freeze, type HistogramCell, nn, toHtml, toText } from "thaw";
import { random } from "../../lib/engine/random.ts";
import { noLeaks, plain, release, tensor } from "../tensors.ts";
import { convNet, picture, stateOf, transforms } from "./dropout_nets.ts";

/** Two batch norms, with statistics of their own. */
function twoNorms(): nn.Sequential {
  const model = new nn.Sequential(
    new nn.Conv2d(3, 5, 3),
    new nn.BatchNorm2d(5, { eps: 1e-3 }),
    new nn.ReLU(),
    new nn.Sequential(new nn.Conv2d(5, 4, 1), new nn.BatchNorm2d(4)),
  );
  for (const path of ["1", "3.1"]) {
    const norm = model.get(path, nn.BatchNorm2d);
    norm.running_mean.update(() => tensor(plain(`${path}.mean`, [norm.numFeatures])));
    norm.running_var.update(() => tensor(plain(`${path}.var`, [norm.numFeatures], 0.2, 2)));
  }
  return model;
}

noLeaks("batchStatistics: as computed directly with tf.moments on a network of two layers", async () => {
  const model = twoNorms();
  const x = tensor<tf.Tensor4D>(plain("x", [6, 7, 5, 3]));
  model.train();
  const [state, drawn] = [await stateOf(model), random.save()];
  const { layers, shape } = await batchStatistics(model, x);
  assertEquals(await stateOf(model), state, "modes and buffers stay");
  assertEquals(random.save(), drawn);
  assertEquals(shape, [6, 7, 5, 3]);
  assertEquals(layers.map(({ path, channels }) => [path, channels.length]), [["1", 5], ["3.1", 4]]);
  model.eval();
  const entering = tf.tidy(() => {
    const first = model[0].forward(x);
    return [first, model[3].get("0").forward(model[2].forward(model[1].forward(first)))];
  });
  for (const [i, path] of ["1", "3.1"].entries()) {
    const norm = model.get(path, nn.BatchNorm2d);
    const [mean, variance] = await Promise.all(
      tf.tidy(() => {
        const moments = tf.moments(entering[i], [0, 1, 2]);
        const count = entering[i].size / norm.numFeatures;
        return [moments.mean, tf.mul(moments.variance, count / (count - 1))];
      }).map(async (tensor) => {
        const values = await tensor.data();
        tensor.dispose();
        return values;
      }),
    );
    const [runningMean, runningVariance] = await Promise.all([
      norm.running_mean.value.data(),
      norm.running_var.value.data(),
    ]);
    const shifts = Array.from(mean, (one, c) => (one - runningMean[c]) / Math.sqrt(runningVariance[c] + norm.eps));
    const spreads = Array.from(
      variance,
      (one, c) => Math.log((one + norm.eps) / (runningVariance[c] + norm.eps)),
    );
    const meanOf = (values: number[]) => values.reduce((sum, one) => sum + Math.abs(one), 0) / values.length;
    const layer = layers[i];
    layer.channels.forEach((channel, c) => {
      assertAlmostEquals(channel.batch.mean, mean[c], 1e-5);
      assertAlmostEquals(channel.batch.variance, variance[c], 1e-5);
      assertEquals(channel.running, { mean: runningMean[c], variance: runningVariance[c] });
      assertAlmostEquals(channel.shift, shifts[c], 1e-4);
      assertAlmostEquals(channel.spread, spreads[c], 1e-4);
    });
    assertAlmostEquals(layer.shift, meanOf(shifts), 1e-4);
    assertAlmostEquals(layer.spread, meanOf(spreads), 1e-4);
    const sizes = shifts.map(Math.abs);
    assertEquals(layer.worst, sizes.indexOf(Math.max(...sizes)));
  }
  tf.dispose([x, ...entering]);
  release(model);
});

noLeaks("batchStatistics: a closed form: half the values 1 above their mean, half 1 below", async () => {
  const norm = new nn.BatchNorm2d(3, { eps: 0.25 });
  norm.running_var.update(() => tf.tensor1d([0.75, 2, 3.75]));
  // channel c has mean c; of 8 values the variance is 8 · 1² / 7
  const values = Array.from({ length: 8 }, (_, i) => [0, 1, 2].map((c) => c + (i % 2 ? 1 : -1)));
  const x = tf.tensor4d(values.flat(), [2, 2, 2, 3]);
  const { layers } = await batchStatistics(new nn.Sequential(norm), { images: x });
  const [{ channels, shift, spread, worst }] = layers;
  const expected = [0, 1 / Math.sqrt(2.25), 2 / Math.sqrt(4)];
  channels.forEach((channel, c) => {
    assertAlmostEquals(channel.batch.mean, c, 1e-6);
    assertAlmostEquals(channel.batch.variance, 8 / 7, 1e-6);
    assertAlmostEquals(channel.shift, expected[c], 1e-6);
  });
  assertAlmostEquals(shift, (0 + 2 / 3 + 1) / 3, 1e-6);
  const logs = [1, 2.25, 4].map((variance) => Math.abs(Math.log((8 / 7 + 0.25) / variance)));
  assertAlmostEquals(spread, logs.reduce((sum, one) => sum + one, 0) / 3, 1e-6);
  assertEquals(worst, 2);
  x.dispose();
  release(norm);
});

noLeaks("batchStatistics: what training has put into the running statistics is no distance away", async () => {
  const model = twoNorms();
  const x = tensor<tf.Tensor4D>(plain("x", [6, 7, 5, 3]));
  for (const path of ["1", "3.1"]) model.get(path, nn.BatchNorm2d).momentum = 1; // the last batch and no other
  const far = await batchStatistics(model, x);
  model.train();
  for (const _ of [1, 2]) tf.tidy(() => void model.forward(x)); // the second layer sees the first one's moved statistics
  const near = await batchStatistics(model, x);
  // the first layer's statistics are this batch's; the second one's were taken of what that normalizes by itself
  assertLess(near.layers[0].shift, 1e-5);
  assertLess(near.layers[0].spread, 1e-5);
  assertLess(near.layers[1].shift, 0.05);
  assertLess(0.1, far.layers[0].shift);
  x.dispose();
  release(model);
});

noLeaks("batchStatistics: a dataset's first 64 samples, a batch, frozen networks", async () => {
  const model = convNet();
  const values = plain("points", [70, 8, 8, 3]);
  const all = tensor<tf.Tensor4D>(values);
  const dataset = data.fromTensors(all, new Array(70).fill(0).map((_, i) => i % 2));
  const [state, drawn] = [await stateOf(model), random.save()];
  const ofDataset = await batchStatistics(model, dataset);
  assertEquals(ofDataset.shape, [64, 8, 8, 3]);
  const first = tf.slice(all, 0, 64);
  freeze(model);
  const ofBatch = await batchStatistics(model, { images: first });
  assertEquals(JSON.stringify(ofBatch), JSON.stringify(ofDataset));
  assertEquals(ofBatch.layers.map(({ path }) => path), ["norm"]);
  assertEquals(random.save(), drawn);
  model.modules().forEach((module) => module.frozen = false);
  assertEquals(await stateOf(model), state);
  tf.dispose([all, first]);
  release(model);
});

noLeaks("batchStatistics: displays charts by depth and a table with the worst channels", async () => {
  const model = twoNorms();
  const x = tensor<tf.Tensor4D>(plain("x", [6, 7, 5, 3]));
  const found = await batchStatistics(model, x);
  const [chart, table] = found.spec().items;
  assert(chart.kind === "chart" && table.kind === "table");
  assertEquals(chart.panels.map(({ series }) => series[0].y), [
    found.layers.map(({ shift }) => shift),
    found.layers.map(({ spread }) => spread),
  ]);
  assertEquals(chart.panels[0].xNames, ["1", "3.1"]);
  assertEquals(table.rows.map(([path, channels]) => [path, channels]), [["1", 5], ["3.1", 4]]);
  const histogram = table.rows[0][3] as HistogramCell;
  assertEquals(histogram.histogram.reduce((a, b) => a + b), 5);
  const { layers: [{ worst, channels, shift }] } = found;
  assertEquals(String(table.rows[0][6]).split(":")[0], String(worst));
  assertAlmostEquals(histogram.range![1], Math.abs(channels[worst].shift), 1e-12);
  const json = JSON.parse(JSON.stringify(found));
  assertEquals(json.layers[0], {
    path: "1",
    channels: 5,
    shift,
    worst: { channel: worst, ...channels[worst] },
    spread: found.layers[0].spread,
  });
  assert((await toHtml(found.spec())).includes("means off"));
  assert(toText(found.spec()).includes(`most off: ${found.worst.path}`));
  x.dispose();
  release(model);
});

noLeaks("batchStatistics: a channel that is always the same has finite distances", async () => {
  const net = new nn.Sequential(new nn.BatchNorm2d(2));
  const x = tf.zeros([2, 3, 3, 2]);
  const { layers: [{ shift, spread }] } = await batchStatistics(net, x);
  assertEquals(shift, 0);
  assertAlmostEquals(spread, Math.log((1 + 1e-5) / 1e-5), 1e-4);
  x.dispose();
  release(net);
});

Deno.test("batchStatistics: what cannot be is said", async () => {
  const net = new nn.Sequential(new nn.BatchNorm2d(3));
  const refuse = async (run: () => Promise<unknown>, type: typeof TypeError | typeof RangeError, message: string) =>
    assertEquals((await assertRejects(run, type)).message, message);
  await refuse(
    () => batchStatistics(new nn.Sequential(new nn.ReLU()), tf.zeros([1, 1, 1, 3])),
    TypeError,
    "Cannot show batch statistics of Sequential: expected a BatchNorm2d, found none; " +
      "insertBatchNorm(model) puts one after each convolution",
  );
  const [single, twice] = [tf.zeros([1, 1, 1, 3]), new nn.Sequential(new nn.BatchNorm2d(3), new nn.BatchNorm2d(3))];
  await batchStatistics(twice, tf.zeros([2, 2, 2, 3]));
  const before = tf.memory().numTensors;
  await refuse(
    () => batchStatistics(twice, single),
    RangeError,
    'Cannot run "0" (BatchNorm2d): expected more than one value per channel to compare, found input [1, 1, 1, 3]; ' +
      "use a larger batch",
  );
  assertEquals(tf.memory().numTensors, before);
  const expected =
    "Cannot show batch statistics: expected a batch ({ images }), a tensor [N, H, W, C] or a dataset, found ";
  const split = [{ train: [], validation: [] }, "a split; pass one of its parts, such as split.validation"];
  for (
    const [given, found] of [[undefined, "undefined"], ["a.png", "a.png"], [{ labels: 1 }, "a plain object"], split]
  ) {
    // deno-lint-ignore no-explicit-any
    await refuse(() => batchStatistics(net, given as any), TypeError, expected + found);
  }
  await refuse(
    () => batchStatistics(net, tf.zeros([2, 2, 2, 3]), { batchSize: 3 } as object),
    TypeError,
    'Cannot show batch statistics: expected options { transforms }, found "batchSize"',
  );
  class Skips extends nn.Module {
    norm = new nn.BatchNorm2d(3);
    override forward(x: tf.Tensor): tf.Tensor {
      return tf.add(x, 1);
    }
  }
  await refuse(
    () => batchStatistics(new Skips(), tf.zeros([2, 2, 2, 3])),
    TypeError,
    "Cannot show batch statistics: expected a BatchNorm2d that runs, found none",
  );
});

Deno.test("batchStatistics: pictures of a dataset become input by the network's transforms", async () => {
  const model = convNet();
  const { pictureSamples } = await import("../../lib/data/pictures.ts");
  const samples = Array.from({ length: 6 }, (_, i) => picture(i));
  const dataset = new data.LabelledDataset(pictureSamples(samples), {
    name: "noise",
    classes: ["a", "b"],
    labels: [0, 1, 0, 1, 0, 1],
  });
  const x = await data.preprocess(samples, transforms);
  assertEquals(JSON.stringify(await batchStatistics(model, dataset)), JSON.stringify(await batchStatistics(model, x)));
  x.dispose();
  release(model);
});
