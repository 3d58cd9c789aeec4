import { assert, assertEquals, assertNotEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { basename, join, relative } from "node:path";
import * as tf from "@tensorflow/tfjs";
import type { LabelledDataset } from "../../lib/data/dataset.ts";
import { emoji } from "../../lib/data/emoji.ts";
import { imageFolder } from "../../lib/data/image_folder.ts";
import { originOf, rememberOrigin } from "../../lib/data/origin.ts";
import { type DataSpec, fromSpec, type SplitSpec, toSpec } from "../../lib/data/spec.ts";
import { fromTensors } from "../../lib/data/tensors.ts";
import type { Dataset, Split } from "../../lib/data/types.ts";
import { drain, file, plain, test } from "./support.ts";

const colors = { blue: [0, 0, 255], green: [0, 255, 0], red: [255, 0, 0] };

/** A folder of three classes with three pictures each, of different brightness. */
async function fill(folder: string): Promise<void> {
  for (const [name, color] of Object.entries(colors)) {
    await Deno.mkdir(join(folder, name), { recursive: true });
    for (const i of [1, 2, 3]) {
      await Deno.writeFile(join(folder, name, `${i}.png`), await file("png", 4, 4, color.map((byte) => byte / i)));
    }
  }
}

/** What a network would see of a dataset. */
function seen(dataset: Dataset) {
  return drain(dataset.batches({ batchSize: 4, transforms: plain }));
}

/** What a dataset is made of again where nothing but a text of its description has come. */
async function again(dataset: Dataset): Promise<LabelledDataset> {
  return await fromSpec(JSON.parse(JSON.stringify(toSpec(dataset))) as DataSpec);
}

async function assertSame(found: Dataset, expected: Dataset): Promise<void> {
  assertEquals([found.name, found.classes, found.labels], [expected.name, expected.classes, expected.labels]);
  assertEquals(await seen(found), await seen(expected));
}

test("emoji, some of them, and some of those again", async () => {
  const all = await emoji();
  assertEquals(toSpec(all), { data: "emoji", name: "emoji" });
  const some = all.subset([5, 1900, 7]);
  assertEquals(toSpec(some), { data: "emoji", name: "emoji", positions: [5, 1900, 7] });
  await assertSame(await again(some), some);
  const fewer = some.subset([2, 1]);
  assertEquals(toSpec(fewer)?.positions, [7, 1900]);
  await assertSame(await again(fewer), fewer);
  const small = await emoji({ size: 30 });
  assertEquals(toSpec(small)?.positions?.length, 30);
  await assertSame(await again(small), small);
  await assertSame(await fromSpec({ data: "emoji", options: { size: 30 } }), small);
});

test("a folder of images, by a path that holds anywhere, with its options", async (folder) => {
  await fill(folder);
  await Deno.writeTextFile(join(folder, "green", "0.png"), "broken");
  const dataset = await imageFolder(relative(Deno.cwd(), folder), { onBroken: "skip" });
  assertEquals(toSpec(dataset), {
    data: "imageFolder",
    folder,
    options: { onBroken: "skip" },
    name: basename(folder),
  });
  const made = await again(dataset);
  await assertSame(made, dataset);
  assertEquals([made.length, made.source(3)], [9, join(folder, "green", "1.png")]);
});

test("a dataset keeps the name that it was given", async (folder) => {
  await fill(folder);
  const dataset = await imageFolder(folder);
  dataset.name = "my colours";
  const part = dataset.subset([8, 0]);
  part.name = "two of them";
  assertEquals([toSpec(dataset)?.name, toSpec(part)?.name], ["my colours", "two of them"]);
  await assertSame(await again(dataset), dataset);
  await assertSame(await again(part), part);
  const { name: _, ...nameless } = toSpec(part)!;
  assertEquals((await fromSpec(nameless)).name, basename(folder));
});

test("a split, as its parts and as the way to divide", async (folder) => {
  await fill(folder);
  const split = (await imageFolder(folder)).split({ validation: 0.34, seed: 3 });
  split.train.name = "for training";
  const spec = toSpec(split)!;
  assert("train" in spec);
  assertEquals([spec.train.name, spec.validation.name, spec.train.positions?.length], [
    "for training",
    `${basename(folder)} (validation)`,
    6,
  ]);
  for (
    const other of [
      await fromSpec(JSON.parse(JSON.stringify(spec)) as SplitSpec),
      await fromSpec({ data: "imageFolder", folder, split: { validation: 0.34, seed: 3 } }),
    ]
  ) {
    assertEquals([other.name, other.classes], [split.name, split.classes]);
    assertEquals(await seen(other.train), await seen(split.train));
    assertEquals(await seen(other.validation), await seen(split.validation));
    assertEquals([...other.train.labels], [...split.train.labels]);
  }
  const another = await fromSpec({ data: "imageFolder", folder, split: { validation: 0.34, seed: 4 } });
  assertNotEquals(await seen(another.validation), await seen(split.validation));
  // a part of it is divided in the same way as the part itself
  const part = (await imageFolder(folder)).subset([0, 1, 3, 4, 6, 7]);
  const divided = await fromSpec({ ...toSpec(part)!, split: { validation: 0.5, seed: 1 } });
  assertEquals(await seen(divided.train), await seen(part.split({ validation: 0.5, seed: 1 }).train));
});

test("the parts of one dataset share their decoded pictures", async (folder) => {
  await fill(folder);
  const part = (positions: number[]): DataSpec => ({ data: "imageFolder", folder, positions });
  const split = await fromSpec({ train: part([0, 3, 6]), validation: part([6, 0]) });
  const [train] = await seen(split.train);
  for (const name of Object.keys(colors)) await Deno.remove(join(folder, name), { recursive: true });
  const [validation] = await seen(split.validation); // no file could be read any more
  assertEquals(validation.images, [...train.images.slice(2 * 48), ...train.images.slice(0, 48)]);
});

test("nothing is known of tensors, samples of one's own, and what is partly made of them", async (folder) => {
  await fill(folder);
  const x = tf.zeros([4, 2]);
  const points = fromTensors(x, [0, 1, 0, 1]);
  for (const dataset of [points, points.subset([1, 0])]) assertEquals(toSpec(dataset), undefined);
  assertEquals(toSpec(points.split({ validation: 0.5 })), undefined);
  const pictures = await imageFolder(folder);
  const { name, classes } = pictures;
  const mixed: Split = { name, classes, train: pictures, validation: points };
  assertEquals(toSpec(mixed), undefined);
  assertEquals(toSpec({ ...mixed, train: points, validation: pictures }), undefined);
  assert(toSpec({ ...mixed, validation: pictures }) !== undefined);
  x.dispose();
});

test("a description is a copy, and an origin is remembered for its dataset alone", async (folder) => {
  await fill(folder);
  const dataset = (await imageFolder(folder)).subset([1, 2]);
  (toSpec(dataset)!.positions as number[]).push(99);
  assertEquals(toSpec(dataset)!.positions, [1, 2]);
  const x = tf.zeros([1, 1]);
  const [a, b] = [fromTensors(x, [0]), fromTensors(x, [0])];
  assertStrictEquals(rememberOrigin(a, { data: "emoji" }), a);
  rememberOrigin(b, undefined);
  assertEquals([originOf(a), originOf(b)], [{ data: "emoji" }, undefined]);
  x.dispose();
});

test("what is no description is refused with what one looks like", async () => {
  const expected =
    'Cannot make a dataset: expected a spec such as { data: "emoji" } or { data: "imageFolder", folder: ' +
    '"photos" }, found ';
  const refused = async (spec: unknown, found: string) =>
    assertEquals((await assertRejects(() => fromSpec(spec as DataSpec), TypeError)).message, expected + found);
  await refused({ data: "mnist" }, '{"data":"mnist"}');
  await refused({}, "{}");
  await refused({ data: "tensors", split: { validation: 0.5 } }, '{"data":"tensors"}');
  await refused("emoji", '"emoji"');
  await refused(null, "null");
  await refused(undefined, "undefined");
  await refused({ train: { data: "emoji" } }, "undefined");
  await refused({ train: { data: "x" }, validation: { data: "emoji" } }, '{"data":"x"}');
});

test("positions that the dataset does not have are refused", async (folder) => {
  await fill(folder);
  await assertRejects(
    () => fromSpec({ data: "imageFolder", folder, positions: [0, 9] }),
    RangeError,
    `Cannot get sample 9 of ${basename(folder)}: expected one from 0 to 8`,
  );
});
