import { assertEquals } from "@std/assert";
import { formatNumber, shortened, type Spec, toText } from "../../lib/display/mod.ts";

const table: Spec = {
  kind: "table",
  title: "Classes",
  columns: [{ label: "class" }, { label: "images" }, { label: "share", format: "percent" }, { label: "sizes" }],
  rows: [
    ["Flags", 1270, 0.5, { histogram: [0, 1, 4, 8] }],
    [{ text: "Food", title: "Food & Drink" }, 131, null, { bar: 0.25, label: "a\nquarter" }],
  ],
  caption: "Two of nine.",
};

Deno.test("a table is aligned under a ruled heading", () => {
  assertEquals(
    toText(table),
    `Classes
class  images  share  sizes
─────  ──────  ─────  ────────────────────
Flags   1,270  50.0%   ▁▄█
Food      131         ███░░░░░░░ a quarter
Two of nine.`,
  );
});

Deno.test("a long table is cut where asked, and says so", () => {
  assertEquals(
    toText({ kind: "table", columns: [{ label: "n" }], rows: [[1], [2], [3]] }, { rows: 2 }),
    "n\n─\n1\n2\n… 1 more rows",
  );
});

Deno.test("groups are headings over their rows", () => {
  const groups = [{ label: "layer1", rows: 2, detail: "2 entries" }, { label: "fc", rows: 1 }];
  assertEquals(
    toText({
      kind: "table",
      columns: [{ label: "name" }, { label: "n" }],
      rows: [["a", 1], ["b", 2], ["c", 3]],
      groups,
    }),
    "name  n\n────  ─\nlayer1  2 entries\n  a   1\n  b   2\nfc\n  c   3",
  );
});

Deno.test("a tree is torch's print", () => {
  const relu = { name: "1", type: "ReLU", detail: "inplace=True" };
  const inner = { name: "0", type: "Sequential", children: [relu] };
  assertEquals(
    toText({ kind: "tree", root: { name: "", type: "Net", children: [inner, { name: "fc", type: "Identity" }] } }),
    "Net(\n  (0): Sequential(\n    (1): ReLU(inplace=True)\n  )\n  (fc): Identity()\n)",
  );
});

Deno.test("a chart is a line of blocks a series, with its ends", () => {
  const series = [
    { name: "train", x: [1, 2, 3], y: [2, 1, 0.5] },
    { name: "validation", x: [1, 2, 3], y: [2.5, null, 1.25] },
    { name: "test", x: [], y: [] },
  ];
  assertEquals(
    toText({ kind: "chart", title: "Run", panels: [{ xLabel: "epoch", yLabel: "loss", series }] }),
    "Run\nloss over epoch\n  train       █▃▁  2 → 0.5\n  validation  █ ▁  2.5 → 1.25\n  test        (nothing yet)",
  );
});

Deno.test("pictures are their captions and top classes", () => {
  const items = [
    { png: "", caption: "Flags", tone: "good", bars: [{ label: "Flags", value: 0.9 }, { label: "Food", value: 0.1 }] },
    { png: "", tone: "bad" },
    { png: "" },
  ] as const;
  assertEquals(
    toText({ kind: "images", title: "Predictions", items }, { rows: 2 }),
    "Predictions\n✓ Flags: Flags 90.0%, Food 10.0%\n✗ image 2\n… 1 more images",
  );
});

Deno.test("a freeze map is a line a stage", () => {
  assertEquals(
    toText({
      kind: "blocks",
      blocks: [
        { name: "conv1", state: "frozen", parameters: 9408 },
        { name: "layer4", state: "partly", parameters: 8393728, trainable: 1024 },
        { name: "fc", state: "trainable", parameters: 4617 },
      ],
    }),
    "❄ conv1   frozen         9,408\n◐ layer4  partly     8,393,728 (1,024 train)\n▶ fc      trainable      4,617",
  );
});

Deno.test("progress is a bar with what is left", () => {
  assertEquals(
    toText({ kind: "progress", label: "epoch 2/5", fraction: 0.255, detail: "loss 0.41", timeLeft: 72 }),
    "epoch 2/5  █████░░░░░░░░░░░░░░░  25%  loss 0.41  1 min 12 s left",
  );
  assertEquals(toText({ kind: "progress", label: "reading", fraction: null }), "reading");
});

Deno.test("a stack is one display under the other", () => {
  const items = [{ kind: "text", text: "one" }, { kind: "text", text: "two" }] as const;
  assertEquals(toText({ kind: "stack", items }), "one\n\ntwo");
});

Deno.test("numbers are written as people read them", () => {
  const written = [
    formatNumber(0),
    formatNumber(0.412345),
    formatNumber(1.5e-7),
    formatNumber(11689512),
    formatNumber(999_960, "compact"),
    formatNumber(999, "compact"),
    formatNumber(18_800_000, "bytes"),
    formatNumber(0.74564, "percent"),
    formatNumber(0.0321, "seconds"),
    formatNumber(59.7, "seconds"),
    formatNumber(7260, "seconds"),
    formatNumber(0.4, "fixed"),
    formatNumber(NaN),
    formatNumber(-Infinity),
  ];
  assertEquals(written, [
    "0",
    "0.4123",
    "1.50e-7",
    "11,689,512",
    "1.0M",
    "999",
    "18.8 MB",
    "74.6%",
    "32 ms",
    "1 min 0 s",
    "2 h 1 min",
    "0.400",
    "NaN",
    "-∞",
  ]);
});

Deno.test("a long name gives way in the middle", () => {
  assertEquals(shortened("layer1.0.conv1.weight", 11), "layer…eight");
  assertEquals(shortened("fc.bias", 11), "fc.bias");
});
