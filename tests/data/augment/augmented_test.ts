import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { Augment, Augmentation } from "../../../lib/data/augment/augmentation.ts";
import { augmented, reduced } from "../../../lib/data/augment/augmented.ts";
import { colorJitter } from "../../../lib/data/augment/color_jitter.ts";
import { horizontalFlip } from "../../../lib/data/augment/flip.ts";
import { randomErasing } from "../../../lib/data/augment/random_erasing.ts";
import { randomBox, randomResizedCrop } from "../../../lib/data/augment/resized_crop.ts";
import { randomRotation } from "../../../lib/data/augment/rotation.ts";
import { operations, trivialAugment } from "../../../lib/data/augment/trivial_augment.ts";
import { LabelledDataset } from "../../../lib/data/dataset.ts";
import { pictureSamples } from "../../../lib/data/pictures.ts";
import { fromTensors } from "../../../lib/data/tensors.ts";
import type { BatchOptions, Picture } from "../../../lib/data/types.ts";
import { RandomGenerator } from "../../../lib/engine/random.ts";
import * as tf from "@tensorflow/tfjs";
import { drain, picture, plain, test } from "../support.ts";

const noise = (width: number, height: number, seed: number): Picture => {
  const random = new RandomGenerator(seed);
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => random.bits() & 255) };
};
const pictures = Array.from({ length: 10 }, (_, i) => noise(12 + i, 11, i));
const dataset = new LabelledDataset(pictureSamples(pictures), {
  name: "noise",
  classes: ["a"],
  labels: Array(10).fill(0),
});
const transforms = { ...plain, resize: 9, crop: 8, interpolation: "bilinear" as const };
const pipeline = [
  randomResizedCrop(),
  horizontalFlip(),
  colorJitter({ brightness: 0.4, contrast: 0.3, saturation: 0.5, hue: 0.1 }),
  randomRotation({ degrees: 20, interpolation: "bilinear" }),
  randomErasing(),
];

/** What the network sees of each sample. */
async function seen(options: Partial<BatchOptions>, of = dataset): Promise<number[][]> {
  const result: number[][] = [];
  for (const { images, indices, shape } of await drain(of.batches({ batchSize: 4, seed: 1, transforms, ...options }))) {
    const size = shape.slice(1).reduce((a, b) => a * b);
    indices.forEach((index, i) => result[index] = images.slice(i * size, (i + 1) * size));
  }
  return result;
}

for (const [name, augment] of Object.entries<Augment>({ "a list": pipeline, TrivialAugment: trivialAugment() })) {
  test(`${name}: what becomes of a sample depends on seed and epoch, not on the batches nor their order`, async () => {
    const first = await seen({ augment });
    assertEquals(first.map(({ length }) => length), Array(10).fill(8 * 8 * 3));
    assertEquals(await seen({ augment, batchSize: 3 }), first);
    assertEquals(await seen({ augment, shuffle: true, batchSize: 10 }), first);
    const part = await seen({ augment }, dataset.subset([7, 2]));
    assertEquals(part, [first[7], first[2]]);
    assertNotEquals(await seen({ augment, epoch: 1 }), first);
    assertNotEquals(await seen({ augment, seed: 2 }), first);
    assertNotEquals(await seen({}), first);
  });
}

test("with variants, epochs take them in turn", async () => {
  const augment = pipeline;
  const plainEpochs = [await seen({ augment, epoch: 0 }), await seen({ augment, epoch: 1 })];
  for (const epoch of [0, 1, 2, 3]) {
    assertEquals(await seen({ augment, epoch, variants: 2 }), plainEpochs[epoch % 2]);
    assertEquals(await seen({ flip: true, epoch, variants: 1 }), await seen({ flip: true, epoch: 0 }));
  }
  assertThrows(
    () => dataset.batches({ batchSize: 1, transforms, variants: 0 }),
    RangeError,
    "Cannot make batches: expected variants to be a whole number above 0, found 0",
  );
});

test("flip is horizontalFlip()", async () => {
  assertEquals(await seen({ augment: horizontalFlip() }), await seen({ flip: true }));
});

test("flip comes after the augmentations, and is drawn before them", async () => {
  const second: Augmentation = (picture, random) => ({ ...picture, data: picture.data.map(() => random.bits() & 255) });
  const drawn: Augmentation = (
    picture,
    random,
  ) => (random.uniform(), second(picture, random, { ...picture, interpolation: "nearest" }));
  const mirrored = await seen({ flip: true, augment: second });
  const straight = await seen({ augment: drawn });
  const reversed = straight.map((values) =>
    Array.from(
      { length: 8 },
      (_, y) => Array.from({ length: 8 }, (_, x) => values.slice((y * 8 + 7 - x) * 3, (y * 8 + 8 - x) * 3)),
    ).flat(2)
  );
  let flips = 0;
  mirrored.forEach((values, i) => {
    const flipped = String(values) === String(reversed[i]);
    assertEquals(values, flipped ? reversed[i] : straight[i]);
    if (flipped) flips++;
  });
  assert(flips > 0 && flips < 10, `${flips} of 10`);
});

test("augmenting leaves the pictures that are kept as they are", async () => {
  const before = await seen({});
  for (const { apply } of operations) {
    apply(pictures[0], 1, { interpolation: "nearest", fill: [0, 0, 0] });
    await seen({ augment: (picture) => apply(picture, 1, { interpolation: "nearest", fill: [0, 0, 0] }) });
  }
  await seen({ augment: pipeline });
  assertEquals(await seen({}), before);
  assertEquals(pictures[0], noise(12, 11, 0));
});

test("a function of one's own may give another size", async () => {
  const quarter: Augmentation = ({ data }) => ({ width: 2, height: 2, data: data.slice(0, 12) });
  assertEquals((await seen({ augment: quarter }))[0].length, 8 * 8 * 3);
});

test("crops are of the shares and shapes that were asked for, and lie anywhere", () => {
  const random = new RandomGenerator(1);
  const boxes = Array.from({ length: 300 }, () => randomBox({ width: 200, height: 100 }, [0.2, 0.6], [0.5, 2], random));
  for (const { left, top, width, height } of boxes) {
    assert(left >= 0 && top >= 0 && left + width <= 200 && top + height <= 100);
    const area = width * height / 20000;
    assert(area > 0.19 && area < 0.61, `${area}`);
    assert(width / height > 0.48 && width / height < 2.08, `${width}×${height}`);
  }
  assert(boxes.some(({ left, width }) => left + width > 195) && boxes.some(({ left }) => left < 5));
});

test("pictures that are larger than any cut needs are kept at twice the network's size", () => {
  const large = picture(100, 60);
  assertEquals(reduced(large, transforms), picture(27, 16));
  assertEquals(reduced(picture(40, 15), transforms), picture(40, 15));
});

test("augmentations bear the name of the call that makes them", () => {
  const made = [
    horizontalFlip(),
    colorJitter({ hue: 0.1, contrast: [0.5, 2] }),
    randomResizedCrop({ scale: [0.5, 1] }),
  ];
  assertEquals(made.map(({ name }) => name), [
    "horizontalFlip()",
    "colorJitter({ hue: 0.1, contrast: [0.5,2] })",
    "randomResizedCrop({ scale: [0.5,1] })",
  ]);
  const others = [
    randomRotation({ degrees: 20, fill: [1, 2, 3] }),
    randomErasing(),
    trivialAugment({ fill: undefined }),
  ];
  assertEquals(others.map(({ name }) => name), [
    "randomRotation({ degrees: 20, fill: [1,2,3] })",
    "randomErasing()",
    "trivialAugment()",
  ]);
});

test("TrivialAugment draws every operation", () => {
  const source = noise(40, 40, 3);
  const made = augmented(source, trivialAugment({ fill: [1, 2, 3] }), { count: 200 });
  const same = made.filter(({ data }) => String(data) === String(source.data)).length;
  assert(same > 10 && same < 60, `${same} of 200 unchanged`);
  assertEquals(augmented(source, trivialAugment({ fill: [1, 2, 3] }), { count: 200 }), made);
});

test("what cannot be is refused, and named", () => {
  const refuse = (make: () => unknown, message: string) => assertThrows(make, RangeError, message);
  refuse(
    () => horizontalFlip({ probability: 2 }),
    "Cannot use horizontalFlip: expected probability to be a number from 0 to 1, found 2",
  );
  refuse(
    () => randomResizedCrop({ scale: [0.5, 1.5] }),
    "Cannot use randomResizedCrop: expected scale to be two shares [smallest, largest] from 0 to 1, found [0.5,1.5]",
  );
  refuse(
    () => randomResizedCrop({ ratio: [2, 1] }),
    "Cannot use randomResizedCrop: expected ratio to be [smallest, largest] above 0, found [2,1]",
  );
  refuse(
    () => colorJitter({ hue: 0.7 }),
    "Cannot use colorJitter: expected hue to be a number from 0 to 0.5 or [smallest, largest] from -0.5 to 0.5, found 0.7",
  );
  refuse(
    () => colorJitter({ contrast: -1 }),
    "Cannot use colorJitter: expected contrast to be a number from 0 up or [smallest, largest], found -1",
  );
  refuse(
    () => randomRotation({ degrees: -5 }),
    "Cannot use randomRotation: expected degrees to be a number from 0 up or [smallest, largest], found -5",
  );
  refuse(
    () => trivialAugment({ fill: [300, 0, 0] }),
    "Cannot use trivialAugment: expected fill to be red, green and blue from 0 to 255, found [300,0,0]",
  );
  refuse(
    () => trivialAugment({ interpolation: "bicubic" as "nearest" }),
    'Cannot use trivialAugment: expected interpolation to be "nearest" or "bilinear", found "bicubic"',
  );
  refuse(
    () => randomErasing({ probability: NaN }),
    "Cannot use randomErasing: expected probability to be a number from 0 to 1, found null",
  );
  assertThrows(
    () => dataset.batches({ batchSize: 1, transforms, augment: ["flip" as unknown as Augmentation] }),
    TypeError,
    'Cannot make batches: expected augmentations such as horizontalFlip(), found "flip" at position 0',
  );
  assertThrows(
    () => augmented(pictures[0], trivialAugment as unknown as Augmentation),
    TypeError,
    "Cannot augment a picture: expected trivialAugment to give a picture, found a function; give the augmentation that " +
      "it makes: trivialAugment()",
  );
  assertThrows(
    () => augmented(pictures[0], () => ({ width: 2, height: 2, data: new Uint8Array(3) })),
    TypeError,
    "Cannot augment a picture: expected the augmentation to give a picture, found one of 2×2 with 3 bytes",
  );
  const x = tf.zeros([2, 2]);
  assertThrows(
    () => fromTensors(x, [0, 0]).batches({ batchSize: 1, augment: trivialAugment() }),
    TypeError,
    "Cannot augment samples: expected pictures, such as data.imageFolder's, found the rows of a tensor",
  );
  x.dispose();
});
