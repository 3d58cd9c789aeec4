import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { colorJitter } from "../../lib/data/augment/color_jitter.ts";
import { randomResizedCrop } from "../../lib/data/augment/resized_crop.ts";
import { LabelledDataset } from "../../lib/data/dataset.ts";
import { decodeImage } from "../../lib/data/image.ts";
import { pictureSamples } from "../../lib/data/pictures.ts";
import { fromTensors } from "../../lib/data/tensors.ts";
import { variantsSpec } from "../../lib/data/variants.ts";
import type { ImagesSpec, StackSpec } from "../../lib/display/mod.ts";
import { RandomGenerator } from "../../lib/engine/random.ts";
import { drain, plain, test } from "./support.ts";

const random = new RandomGenerator(4);
const labels = Array.from({ length: 20 }, (_, i) => i % 10);
const sources = labels.map(() => ({
  width: 24,
  height: 20,
  data: Uint8Array.from({ length: 24 * 20 * 3 }, () => random.bits() & 255),
}));
const classes = labels.slice(0, 10).map((c) => `c${c}`);
const dataset = new LabelledDataset(pictureSamples(sources), { name: "noise", classes, labels });
const transforms = { ...plain, resize: 16, crop: 16, interpolation: "bilinear" as const };

test("variants of one picture of each class lie side by side, the picture itself first", async () => {
  const spec = await variantsSpec(dataset, { augment: colorJitter({ brightness: 0.5 }), samples: 3 }, (i) => i);
  const rows = (spec as StackSpec).items as ImagesSpec[];
  assertEquals(rows.length, 6);
  for (const [c, { title, items }] of rows.entries()) {
    assert(title === `c${c}, sample ${c}` || title === `c${c}, sample ${c + 10}`, title);
    assertEquals(items.map(({ caption }) => caption), ["as it is", "variant 1", "variant 2", "variant 3"]);
    assertEquals(
      new Set(await Promise.all(items.map(async ({ png }) => String((await decodeImage(png as Uint8Array)).data))))
        .size,
      4,
    );
    assertEquals(items[1].title, `${title}, variant 1`);
  }
});

test("they are what the network sees in a training with the same seed, of a subset too", async () => {
  const part = dataset.subset([13, 7, 2]);
  for (const augment of [[randomResizedCrop(), colorJitter({ hue: 0.2 })], [colorJitter({ contrast: 0.5 })]]) {
    const spec = await variantsSpec(part, { augment, transforms, samples: 2, seed: 5 }, (i) => [13, 7, 2][i]);
    const rows = (spec as StackSpec).items as ImagesSpec[];
    assertEquals(rows.map(({ title }) => title), ["c2, sample 2", "c3, sample 0", "c7, sample 1"]);
    for (const epoch of [0, 1]) {
      const [batch] = await drain(part.batches({ batchSize: 3, seed: 5, epoch, augment, transforms }));
      for (const [row, index] of [2, 0, 1].entries()) {
        const shown = await decodeImage(rows[row].items[1 + epoch].png as Uint8Array);
        const seen = batch.images.slice(index * 768, (index + 1) * 768).map((value) => Math.round(value * 255));
        assertEquals([...shown.data], seen);
      }
    }
  }
});

test("what is no picture is not augmented", async () => {
  const x = tf.zeros([2, 2]);
  const points = fromTensors(x, [0, 1], { name: "points" });
  await assertRejects(
    () => points.show({ augment: colorJitter({ hue: 0.1 }) }),
    TypeError,
    "Cannot show augmented pictures: expected a dataset of pictures, found points",
  );
  x.dispose();
});
