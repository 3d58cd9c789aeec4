import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { random } from "../../../lib/engine/random.ts";
import { batchStatistics } from "../../../lib/inspect/mod.ts";
import * as nn from "../../../lib/nn/mod.ts";
import { arrangeBatchNorm, type BatchNormSetting } from "../../../lib/study/batch_norm/batch_norm_setting.ts";
import type { BatchNormMeasurements } from "../../../lib/study/batch_norm/measurements.ts";
import { watchBatchNorm } from "../../../lib/study/batch_norm/watch_batch_norm.ts";
import { noLeaks, release } from "../../tensors.ts";
import { forgetPictures, pictures } from "../workers/small.ts";
import { network } from "./small.ts";

async function arranged(setting: BatchNormSetting, options = {}) {
  const split = pictures();
  const net = network(options);
  const before = net.modules();
  await arrangeBatchNorm(net, setting, split);
  release(...before.filter((module) => module instanceof nn.BatchNorm2d && !net.modules().includes(module)));
  return { net, split };
}

const measured = (watch: { measured(): unknown }) => watch.measured() as BatchNormMeasurements;

noLeaks("looking changes neither modes nor values, nor what is drawn afterwards", async () => {
  const { net, split } = await arranged({ norm: "moving", until: "2" });
  const modes = net.modules().map(({ training, frozen }) => [training, frozen]);
  const values = () =>
    Promise.all(
      net.namedState().map(async ([, stored]) => {
        const value = (stored as unknown as { value: tf.Tensor | number }).value;
        return typeof value === "number" ? value : [...await value.data()];
      }),
    );
  const before = [await values(), random.save()];
  const watch = await watchBatchNorm(net, split, {});
  await watch.epoch(0);
  await watch.epoch(1);
  assertEquals([await values(), random.save()], before);
  assertEquals(net.modules().map(({ training, frozen }) => [training, frozen]), modes);
  release(net);
  forgetPictures();
});

noLeaks(
  "activations are those behind batch norm, distances those of batchStatistics, drift that of the buffers",
  async () => {
    const { net, split } = await arranged({ norm: "with" });
    const norm = net.get("2.1", nn.BatchNorm2d);
    const watch = await watchBatchNorm(net, split, {}, ["2.1"]);
    await watch.epoch(0);
    norm.running_mean.update((mean) => tf.add(mean, 0.5));
    norm.running_var.update((variance) => tf.mul(variance, 4));
    await watch.epoch(1);
    const [first, second] = measured(watch).layers;
    assertEquals([first.name, first.activations, second.name], ["0.1", undefined, "2.1"]);
    assertAlmostEquals(second.drift!.mean[1]!, 0.5 / Math.sqrt(1 + norm.eps), 1e-6);
    assertAlmostEquals(second.drift!.variance[1]!, Math.log((4 + norm.eps) / (1 + norm.eps)), 1e-6);
    assertEquals([first.drift!.mean, second.drift!.mean[0]], [[0, 0], 0]);

    for await (const { images, labels } of split.validation.batches({ batchSize: 64 })) {
      const { layers } = await batchStatistics(net, images);
      assertAlmostEquals(second.distance!.mean[1]!, layers[1].shift, 1e-5);
      assertAlmostEquals(second.distance!.variance[1]!, layers[1].spread, 1e-5);
      let output: Float32Array = new Float32Array();
      const remove = nn.onForward(norm, (_norm, _x, y) => output = y.dataSync() as Float32Array);
      nn.inMode(net, false, () => tf.tidy(() => void net.forward(images)));
      remove();
      const sorted = output.slice().sort();
      const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
      const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length;
      const at = (list: (number | null)[]) => list[1]!;
      const { activations } = second;
      assertAlmostEquals(at(activations!.mean), mean, 1e-5);
      assertAlmostEquals(at(activations!.deviation), Math.sqrt(variance), 1e-5);
      for (
        const [share, found] of [[0.15, at(activations!.low)], [0.5, at(activations!.median)], [
          0.85,
          at(activations!.high),
        ]]
      ) {
        const place = share * (sorted.length - 1), below = Math.floor(place);
        assertAlmostEquals(found, sorted[below] + (place - below) * (sorted[below + 1] - sorted[below]), 1e-5);
      }
      tf.dispose([images, labels]);
    }
    release(net);
    forgetPictures();
  },
);

noLeaks("with and without are looked at in the same places, whether the network had batch norm or not", async () => {
  for (const [options, names] of [[{}, ["0.1", "2.1"]], [{ norm: false }, ["0.0", "2.0"]]] as const) {
    for (const norm of ["with", "without"] as const) {
      const { net, split } = await arranged({ norm }, options);
      const watch = await watchBatchNorm(net, split, {});
      await watch.epoch(0);
      const { layers } = measured(watch);
      assertEquals(layers.map(({ name }) => name), [...names]);
      assertEquals(layers.map(({ activations }) => activations!.median.length), [1, 1]);
      assertEquals(layers.map(({ drift, distance }) => drift !== undefined && distance !== undefined), [
        norm === "with",
        norm === "with",
      ]);
      release(net);
    }
  }
  forgetPictures();
});

noLeaks("of many layers some are looked at, spread over the depth; numbers that are none become null", async () => {
  const split = pictures();
  const blocks = Array.from({ length: 12 }, () => [new nn.Conv2d(3, 3, 1), new nn.BatchNorm2d(3)]).flat();
  const net = new nn.Sequential(...blocks, new nn.AdaptiveAvgPool2d(1), new nn.Flatten());
  await arrangeBatchNorm(net, { norm: "with" }, split);
  const watch = await watchBatchNorm(net, split, {});
  await watch.epoch(0);
  const nothing = tf.fill([3], NaN);
  net.get("23", nn.BatchNorm2d).bias.value.assign(nothing);
  nothing.dispose();
  await watch.epoch(1);
  const { layers } = measured(watch);
  assertEquals(layers.filter(({ drift }) => drift).length, 12);
  const seen = layers.filter(({ activations }) => activations).map(({ name }) => name);
  assertEquals([seen.length, seen[0], seen.at(-1)], [8, "1", "23"]);
  assertEquals(layers.at(-1)!.activations!.mean[1], null);
  assert(JSON.stringify(layers).length < 8000);
  release(net);
  forgetPictures();
});
