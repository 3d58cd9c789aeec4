import type { Cell, ImageItem, Spec, TableSpec } from "../display/mod.ts";
import { encodePng } from "./image.ts";
import { permutation } from "./order.ts";
import { mapParallel } from "./parallel.ts";
import { positionsByClass } from "./stratify.ts";
import type { Dataset, Split } from "./types.ts";

/** The side in CSS pixels of a sample in a sheet. */
const size = 64;

/** A dataset's class counts as a table with bars. */
export function countsSpec(dataset: Dataset): TableSpec {
  const { counts, classes, length, name } = dataset;
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const skipped = (dataset as { skipped?: readonly unknown[] }).skipped?.length ?? 0;
  return {
    kind: "table",
    title: `${name}: ${plural(length, dataset.picture ? "image" : "sample")} in ${plural(classes.length, "class")}` +
      (skipped ? `, ${skipped} skipped` : ""),
    columns: [{ label: "class" }, { label: "count" }],
    rows: classes.map((label, c) => [label, { bar: counts[c] / most, label: counts[c].toLocaleString("en") }]),
  };
}

/** Class counts, and below them some samples of each class, the same ones every time: of the first `most` classes. */
export async function sheetSpec(dataset: Dataset, perClass: number, most = 24): Promise<Spec> {
  const counts = countsSpec(dataset);
  if (!dataset.picture) return counts;
  const chosen = positionsByClass(dataset.labels, dataset.classes.length).slice(0, most).map((positions, c) =>
    Array.from(permutation(positions.length, 0, c).subarray(0, perClass), (i) => positions[i])
  );
  const items = await mapParallel(chosen.flat(), async (index): Promise<ImageItem> => ({
    png: await encodePng(await dataset.picture!(index), 2 * size),
    caption: perClass === 1 ? dataset.classes[dataset.labels[index]] : undefined,
    title: `${dataset.classes[dataset.labels[index]]}, sample ${index}`,
  }));
  if (perClass === 1) return { kind: "stack", items: [counts, { kind: "images", size, items }] };
  const grids = chosen.map((indices, c): Spec => ({
    kind: "images",
    title: dataset.classes[c],
    size,
    items: items.splice(0, indices.length),
  }));
  return { kind: "stack", items: [counts, ...grids] };
}

/** How many samples of each class the parts of a split have. */
export function splitSpec({ name, classes, train, validation, test }: Split): TableSpec {
  const parts = [train, validation, ...(test ? [test] : [])];
  const counts = parts.map((part) => part.counts);
  const most = Math.max(1, ...counts[0]);
  const row = (c: number): Cell[] =>
    counts.map((each) => ({ bar: each[c] / most, label: each[c].toLocaleString("en") }));
  return {
    kind: "table",
    title: `${name}: ${parts.map((part) => part.length.toLocaleString("en")).join(" + ")} samples`,
    columns: [
      { label: "class" },
      ...["train", "validation", "test"].slice(0, parts.length).map((label) => ({ label })),
    ],
    rows: classes.map((label, c) => [label, ...row(c)]),
  };
}

function plural(count: number, noun: string): string {
  const many = noun.endsWith("s") ? `${noun}es` : `${noun}s`;
  return `${count.toLocaleString("en")} ${count === 1 ? noun : many}`;
}
