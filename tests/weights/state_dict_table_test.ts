import { assertEquals } from "@std/assert";
import type { HistogramCell } from "../../lib/display/spec.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { stateDictTable } from "../../lib/weights/state_dict_table.ts";

Deno.test("a row a tensor, with its statistics", async () => {
  const table = await stateDictTable(StateDict.from({
    "conv1.weight": { shape: [4, 1, 1, 1], data: [1, 2, 3, 4] },
    "bn1.num_batches_tracked": { shape: [], dtype: "int64", data: [7] },
    "fc.weight": { shape: [2], data: [NaN, 1] },
    "fc.bias": { shape: [1], data: [NaN] },
    "none": { shape: [0, 2], data: [] },
  }));
  assertEquals(table.columns.map((column) => column.label), [
    "name",
    "shape",
    "dtype",
    "mean",
    "std",
    "distribution",
    "min",
    "max",
  ]);
  assertEquals(table.rows[0].slice(0, 4), ["conv1.weight", "[4, 1, 1, 1]", "float32", 2.5]);
  assertEquals((table.rows[0][5] as HistogramCell).range, [1, 4]);
  assertEquals(table.rows[1], ["bn1.num_batches_tracked", "[]", "int64", 7, null, null, 7, 7]);
  assertEquals(table.rows[2][5], { text: "1 not finite", tone: "bad" });
  assertEquals(table.rows[3][5], { text: "none is finite", tone: "bad" });
  assertEquals(table.rows[4][5], { text: "no numbers", tone: "muted" });
  assertEquals(table.groups, undefined);
  assertEquals(table.caption, "5 tensors, 8 numbers, 36 B");
});

Deno.test("a long table is folded by top-level module", async () => {
  const tensors = Array.from({ length: 60 }, (_, i) => [`layer1.${i}.weight`, i] as const);
  const sd = StateDict.from(
    Object.fromEntries([
      ["conv1.weight", { shape: [1], data: [1] }],
      ...tensors.map(([name, i]) => [name, { shape: [1], data: [i] }]),
    ]),
  );
  const table = await stateDictTable(sd);
  assertEquals(table.groups, [
    { label: "conv1", rows: 1, detail: "1 tensor, 1 number, 4 B" },
    { label: "layer1", rows: 60, detail: "60 tensors, 60 numbers, 240 B" },
  ]);
});
