import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../../lib/data/tensors.ts";
import { drain, test } from "./support.ts";

test("rows come with their labels, through subsets and shuffling too; x stays the caller's", async () => {
  const x = tf.tensor2d([[0, 1], [2, 3], [4, 5], [6, 7]]);
  const dataset = fromTensors(x, [0, 1, 1, 0]);
  assertEquals([dataset.length, ...dataset.classes, ...dataset.counts], [4, "0", "1", 2, 2]);
  const batches = await drain(dataset.subset([3, 1, 0]).batches({ batchSize: 2, shuffle: true, seed: 3 }));
  assertEquals(batches.map(({ shape }) => shape), [[2, 2], [1, 2]]);
  const rows = batches.flatMap(({ images, labels }) =>
    labels.map((label, i) => [images[2 * i], images[2 * i + 1], label])
  );
  assertEquals(rows.sort((a, b) => a[0] - b[0]), [[0, 1, 0], [2, 3, 1], [6, 7, 0]]);
  assertEquals(x.isDisposed, false);
  x.dispose();
});

test("labels may be a tensor, which takes a promise", async () => {
  const x = tf.zeros([3, 2]);
  const y = tf.tensor1d([2, 0, 2], "int32");
  const dataset = await fromTensors(x, y, { classes: ["a", "b", "c"], name: "points" });
  assertEquals([...dataset.labels, ...dataset.counts, dataset.name], [2, 0, 2, 1, 0, 2, "points"]);
  tf.dispose([x, y]);
});

test("images of any number of channels are flipped, the ones whose turn it is", async () => {
  const x = tf.tensor4d(Array.from({ length: 160 }, (_, i) => i % 4), [40, 1, 2, 2]);
  const dataset = fromTensors(x, Array(40).fill(0));
  const [{ images }] = await drain(dataset.batches({ batchSize: 40, flip: true, seed: 1 }));
  const rows = Array.from({ length: 40 }, (_, i) => images.slice(4 * i, 4 * i + 4).join());
  assertEquals([...new Set(rows)].sort(), ["0,1,2,3", "2,3,0,1"]);
  x.dispose();
});

test("what does not fit together is refused", async () => {
  const x = tf.zeros([3, 2]);
  const y = tf.zeros([3, 1]);
  const what = "Cannot make a dataset of tensors: expected ";
  assertThrows(() => fromTensors(x, [0, 1]), TypeError, `${what}samples [N, …] and labels [N], found [3, 2] and [2]`);
  await assertRejects(
    () => fromTensors(x, y),
    TypeError,
    `${what}samples [N, …] and labels [N], found [3, 2] and [3, 1]`,
  );
  assertThrows(
    () => fromTensors(x, [0, 1.5, 1]),
    RangeError,
    `${what}labels that are whole numbers from 0, found 1.5 at position 1`,
  );
  assertThrows(
    () => fromTensors(x, [0, 1, 2], { classes: ["a", "b"] }),
    RangeError,
    `${what}labels that are whole numbers from 0 to 1, found 2 at position 2`,
  );
  assertThrows(
    () => fromTensors(x, [0, 1, 1]).batches({ batchSize: 1, flip: true }),
    TypeError,
    "Cannot flip samples: expected images [N, H, W, C], found [3, 2]",
  );
  const dataset = fromTensors(x, [0, 1, 1]);
  tf.dispose([x, y]);
  assertThrows(() => dataset.batches({ batchSize: 1 }), Error, "expected the tensor that the dataset was made of");
});
