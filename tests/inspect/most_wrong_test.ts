import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { data, mostWrong, nn } from "thaw";
import { encodePng } from "../../lib/data/image.ts";

Deno.test("mostWrong: the highest losses first, with what was predicted and what is true", async () => {
  class Reddish extends nn.Module {
    override forward(x: tf.Tensor): tf.Tensor {
      const [red, , blue] = tf.split(tf.mean(x, [1, 2]), 3, 1);
      return tf.concat([red, blue], 1);
    }
  }
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, colors] of [["blue", [[0, 200], [200, 0]]], ["red", [[255, 0], [100, 90]]]] as const) {
      await Deno.mkdir(`${folder}/${name}`);
      for (const [i, [red, blue]] of colors.entries()) {
        const bytes = Uint8Array.from({ length: 48 }, (_, at) => at % 3 === 0 ? red : at % 3 === 2 ? blue : 0);
        await Deno.writeFile(`${folder}/${name}/${i}.png`, await encodePng({ width: 4, height: 4, data: bytes }));
      }
    }
    const dataset = await data.imageFolder(folder);
    const model = new Reddish();
    model.transforms = { resize: 4, interpolation: "bilinear", mean: [0, 0, 0], std: [0.1, 0.1, 0.1] };
    const before = tf.memory().numTensors;
    const { samples } = await mostWrong(model, dataset, { count: 3, batchSize: 3 });
    // the network's classes are blue and red, and it takes the first logit, red's, for blue
    assertEquals(samples.map(({ actual, predicted }) => [actual, predicted]), [
      ["red", "blue"],
      ["blue", "red"],
      ["red", "blue"],
    ]);
    assertEquals(tf.memory().numTensors, before);
    assertAlmostEquals(samples[0].loss, 10, 0.01);
    const spec = await (await mostWrong(model, dataset, { count: 1 })).spec();
    assertEquals(spec.items[0].caption, "red");
    assertEquals(spec.items[0].tone, "bad");
    assertEquals(spec.items[0].bars?.map(({ label }) => label), ["blue", "red"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("mostWrong: what cannot be is said", async () => {
  await assertRejects(
    () => mostWrong(new nn.Linear(2, 2), data.fromTensors(tf.zeros([2, 2]), [0, 1])),
    TypeError,
    "Cannot find what is most wrong: expected a dataset of images, found ",
  );
});
