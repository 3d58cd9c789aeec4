import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { LabelledDataset } from "../../lib/data/dataset.ts";
import { decodeImage } from "../../lib/data/image.ts";
import { pictureSamples } from "../../lib/data/pictures.ts";
import { sheetSpec } from "../../lib/data/sheet.ts";
import { fromTensors } from "../../lib/data/tensors.ts";
import type { ImagesSpec, StackSpec, TableSpec } from "../../lib/display/mod.ts";
import { picture, test } from "./support.ts";

function colors(classes: number, perClass: number): LabelledDataset {
  const labels = Array.from({ length: classes * perClass }, (_, i) => i % classes);
  const samples = pictureSamples(labels.map((label) => picture(10, 10, [label, 0, 0])));
  return new LabelledDataset(samples, {
    name: "colors",
    classes: labels.slice(0, classes).map((c) => `c${c}`),
    labels,
  });
}

test("the short display has counts and one picture of each class, under its name", async () => {
  const [counts, images] = (await colors(3, 4).spec() as StackSpec).items as [TableSpec, ImagesSpec];
  assertEquals(counts.title, "colors: 12 images in 3 classes");
  assertEquals(counts.rows, ["c0", "c1", "c2"].map((name) => [name, { bar: 1, label: "4" }]));
  assertEquals(images.items.map(({ caption }) => caption), ["c0", "c1", "c2"]);
  for (const [c, { png }] of images.items.entries()) {
    assertEquals((await decodeImage(png as Uint8Array)).data[0], c);
  }
});

test("the sheet has a grid for each class, and of many classes only the first", async () => {
  const [, ...grids] = (await sheetSpec(colors(3, 5), 4) as StackSpec).items as [TableSpec, ...ImagesSpec[]];
  assertEquals(grids.map(({ title, items }) => [title, items.length]), [["c0", 4], ["c1", 4], ["c2", 4]]);
  for (const [c, { items }] of grids.entries()) {
    for (const { png } of items) assertEquals((await decodeImage(png as Uint8Array)).data[0], c);
  }
  const many = await sheetSpec(colors(30, 1), 8) as StackSpec;
  assertEquals(many.items.length, 1 + 24);
});

test("samples that are no images have counts alone", async () => {
  const x = tf.zeros([3, 2]);
  const dataset = fromTensors(x, [0, 0, 1], { name: "points" });
  const table = await dataset.spec() as TableSpec;
  assertEquals([table.kind, table.title], ["table", "points: 3 samples in 2 classes"]);
  assertEquals(table.rows, [["0", { bar: 1, label: "2" }], ["1", { bar: 0.5, label: "1" }]]);
  assertEquals(String(dataset).split("\n")[0], "points: 3 samples in 2 classes");
  x.dispose();
});
