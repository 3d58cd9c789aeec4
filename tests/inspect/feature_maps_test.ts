import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { data, featureMaps, toHtml } from "thaw";
import { goldenResnet, picture, transforms } from "./golden_resnet.ts";

Deno.test("featureMaps: a stage's output, its strongest channels first", async () => {
  const model = goldenResnet();
  const input = await data.preprocess([picture], transforms);
  model.eval();
  const expected = tf.tidy(() =>
    model.stages().slice(0, 2).reduce((x, stage) => stage.forward!(x), input as tf.Tensor)
  );
  const before = tf.memory().numTensors;
  const found = await featureMaps(model, picture, { stage: "layer1", count: 3 });
  assertEquals(tf.memory().numTensors, before);
  assertEquals(found.shape, expected.shape);
  assertEquals(found.maps.length, 3);
  const all = await expected.data();
  const channels = expected.shape[3]!;
  for (const { channel, plane } of found.maps) {
    plane.values.forEach((value, i) => assertAlmostEquals(value, all[i * channels + channel], 1e-4));
  }
  const means = await tf.tidy(() => tf.mean(expected, [0, 1, 2])).data();
  assertAlmostEquals(found.maps[0].mean, Math.max(...means), 1e-3);
  const html = await toHtml(await found.spec());
  assert(html.includes(`alt="channel ${found.maps[0].channel}"`));
  tf.dispose([input, expected]);
});
