import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { LabelledDataset } from "../../lib/data/dataset.ts";
import { fromTensors } from "../../lib/data/tensors.ts";
import { pictureSamples } from "../../lib/data/pictures.ts";
import { manualSeed } from "../../lib/engine/random.ts";
import { drain, file, picture, plain, test } from "./support.ts";

/** Pictures of 4×4 whose red is their position, in two classes. */
function numbered(count: number): LabelledDataset {
  const samples = pictureSamples(Array.from({ length: count }, (_, i) => picture(4, 4, [i, 0, 0])));
  return new LabelledDataset(samples, {
    name: "numbers",
    classes: ["even", "odd"],
    labels: Array.from({ length: count }, (_, i) => i % 2),
  });
}

test("batches have images, labels and positions, in the dataset's order", async () => {
  const batches = await drain(numbered(5).batches({ batchSize: 2, transforms: plain }));
  assertEquals(batches.map(({ shape }) => shape), [[2, 4, 4, 3], [2, 4, 4, 3], [1, 4, 4, 3]]);
  assertEquals(batches.map(({ labels }) => labels), [[0, 1], [0, 1], [0]]);
  assertEquals(batches.map(({ indices }) => indices), [[0, 1], [2, 3], [4]]);
  for (const { images, indices } of batches) {
    indices.forEach((index, i) => assertEquals(Math.round(images[i * 48] * 255), index));
  }
});

test("labels are int32, and the last batch is left out where it is short", async () => {
  let count = 0;
  for await (const { images, labels } of numbered(5).batches({ batchSize: 2, transforms: plain, dropLast: true })) {
    assertEquals([images.dtype, labels.dtype, labels.shape[0]], ["float32", "int32", 2]);
    tf.dispose([images, labels]);
    count++;
  }
  assertEquals(count, 2);
});

test("shuffling is the same for a seed and an epoch, and another one in each epoch", async () => {
  const order = async (seed: number, epoch?: number, batchSize = 7) =>
    (await drain(numbered(20).batches({ batchSize, shuffle: true, seed, epoch, transforms: plain })))
      .flatMap(({ indices }) => indices);
  const first = await order(1, 0);
  assertEquals([...first].sort((a, b) => a - b), [...Array(20).keys()]);
  assertEquals(await order(1), first);
  assertEquals(await order(1, 0, 3), first);
  assertNotEquals(await order(1, 1), first);
  assertNotEquals(await order(2, 0), first);
});

test("without a seed the order comes from manualSeed, and labels follow their images", async () => {
  const dataset = numbered(20);
  const run = () => drain(dataset.batches({ batchSize: 20, shuffle: true, transforms: plain }));
  manualSeed(5);
  const [[a], [b]] = [await run(), await run()];
  manualSeed(5);
  const [c] = await run();
  assertEquals(c.indices, a.indices);
  assertNotEquals(b.indices, a.indices);
  assertEquals(a.labels, a.indices.map((index) => index % 2));
});

test("about half of the pictures are flipped, the same ones for the same seed and epoch", async () => {
  const half = { width: 2, height: 1, data: Uint8Array.of(255, 0, 0, 0, 0, 255) };
  const samples = pictureSamples(Array(60).fill(half));
  const dataset = new LabelledDataset(samples, { name: "halves", classes: ["a"], labels: Array(60).fill(0) });
  const flips = async (seed: number, epoch: number, shuffle = false) => {
    const result = new Array<boolean>(60);
    const transforms = { ...plain, resize: [1, 2] as [number, number] };
    for (
      const { images, indices } of await drain(
        dataset.batches({ batchSize: 7, seed, epoch, shuffle, transforms, flip: true }),
      )
    ) {
      indices.forEach((index, i) => {
        const pixels = images.slice(i * 6, i * 6 + 6);
        result[index] = pixels[0] === 0;
        assertEquals(pixels, result[index] ? [0, 0, 1, 1, 0, 0] : [1, 0, 0, 0, 0, 1]);
      });
    }
    return result;
  };
  const first = await flips(1, 0);
  const count = first.filter(Boolean).length;
  assert(count > 15 && count < 45, `${count} of 60`);
  assertEquals(await flips(1, 0, true), first);
  assertNotEquals(await flips(1, 1), first);
  assertNotEquals(await flips(2, 0), first);
});

test("leaving the loop early leaves nothing behind", async () => {
  const dataset = numbered(40);
  for (let i = 0; i < 3; i++) {
    for await (const { images, labels } of dataset.batches({ batchSize: 4, transforms: plain })) {
      tf.dispose([images, labels]);
      break;
    }
  }
  await assertRejects(async () => {
    for await (const { images, labels } of dataset.batches({ batchSize: 4, transforms: plain })) {
      tf.dispose([images, labels]);
      throw new Error("a step failed");
    }
  });
});

test("the second epoch decodes nothing", async (folder) => {
  const paths = ["a.png", "b.png"].map((name) => join(folder, name));
  for (const path of paths) await Deno.writeFile(path, await file("png", 8, 8));
  const dataset = new LabelledDataset(pictureSamples(paths), { name: "files", classes: ["a"], labels: [0, 0] });
  const [first] = await drain(dataset.batches({ batchSize: 2, transforms: plain }));
  for (const path of paths) await Deno.remove(path);
  const [second] = await drain(
    dataset.subset([1, 0]).batches({ batchSize: 2, transforms: { ...plain, mean: [1, 1, 1] } }),
  );
  assertEquals(second.images, first.images.map((value) => value - 1));
  await assertRejects(
    () => drain(dataset.batches({ batchSize: 2, transforms: { ...plain, resize: [5, 5] } })),
    Error,
    "found no such file",
  );
});

test("subsets keep their images, labels and sources, and can be nested", async () => {
  const paths = ["0.png", "1.png", "2.png", "3.png"];
  const named = new LabelledDataset(pictureSamples(paths), { name: "p", classes: ["a", "b"], labels: [0, 1, 0, 1] });
  const part = named.subset([3, 2, 0]).subset([2, 0]);
  assertEquals([part.source(0), part.source(1), ...part.labels], ["0.png", "3.png", 0, 1]);
  assertEquals([...part.counts], [1, 1]);
  const numbers = numbered(6).subset(Int32Array.of(5, 1));
  const [{ images, labels, indices }] = await drain(numbers.batches({ batchSize: 2, transforms: plain }));
  assertEquals([Math.round(images[0] * 255), Math.round(images[48] * 255)], [5, 1]);
  assertEquals([labels, indices], [[1, 1], [0, 1]]);
  assertEquals((await numbers.picture!(1)).data[0], 1);
});

test("what cannot be is refused at once", () => {
  const dataset = numbered(3);
  for (const batchSize of [0, 1.5, NaN, undefined as unknown as number]) {
    assertThrows(
      () => dataset.batches({ batchSize, transforms: plain }),
      RangeError,
      `Cannot make batches: expected batchSize to be a whole number above 0, found ${batchSize}`,
    );
  }
  assertThrows(
    () => dataset.batches({ batchSize: 1, epoch: 0.5, transforms: plain }),
    RangeError,
    "Cannot make batches: expected epoch to be a whole number, found 0.5",
  );
  assertThrows(
    () => dataset.batches({ batchSize: 1 }),
    TypeError,
    "Cannot make batches of images: expected transforms, found none; give batches({ transforms })",
  );
  assertThrows(
    () => dataset.subset([0, 3]),
    RangeError,
    "Cannot get sample 3 of numbers: expected one from 0 to 2",
  );
});

test("a broken image ends the loop with its name", async (folder) => {
  const path = join(folder, "broken.png");
  await Deno.writeFile(path, (await file("png", 40, 40)).slice(0, 60));
  const samples = pictureSamples([picture(4, 4), picture(4, 4), path]);
  const dataset = new LabelledDataset(samples, { name: "x", classes: ["a"], labels: [0, 0, 0] });
  let count = 0;
  await assertRejects(
    async () => {
      for await (const { images, labels } of dataset.batches({ batchSize: 2, transforms: plain })) {
        tf.dispose([images, labels]);
        count++;
      }
    },
    Error,
    `Cannot decode "${path}"`,
  );
  assertEquals(count, 1);
});

Deno.test("examples are the first images of each class", () => {
  const sources = Array.from({ length: 5 }, (_, i) => `${i}.png`);
  const dataset = new LabelledDataset(pictureSamples(sources), {
    name: "files",
    classes: ["even", "odd"],
    labels: [1, 0, 1, 0, 0],
  });
  assertEquals(dataset.examples(), ["1.png", "0.png"]);
  assertEquals(dataset.examples(2), ["1.png", "3.png", "0.png", "2.png"]);
  assertEquals(dataset.subset([4, 2]).examples(3), ["4.png", "2.png"]);
});

test("examples of samples that are no images are refused", () => {
  const x = tf.zeros([2, 2]);
  const points = fromTensors(x, [0, 1], { name: "points" });
  assertThrows(() => points.examples(), TypeError, "Cannot give examples of points: expected images, found tensors");
  x.dispose();
});
