import { assertEquals } from "@std/assert";
import { toText } from "../../../lib/display/mod.ts";
import { accuracyChart, curvesChart, leftOutText, splitTable } from "../../../lib/study/splits/split_displays.ts";
import { epoch } from "./scripted.ts";
import { facts, row } from "./rows.ts";

const rows = [
  row("layer3", [0.6, 0.7], { trainable: 900 }),
  row("layer4", [0.8, 0.9], { trainable: 500 }),
  row("fc", [0.7], { trainable: 10 }),
];
const texts = (cells: readonly unknown[]) =>
  cells.map((cell) => typeof cell === "object" && cell !== null ? (cell as { text: string }).text : cell);

Deno.test("plot: accuracy by split, with the spread over seeds, and the best marked", () => {
  const chart = accuracyChart(rows, rows[1], facts());
  const [panel] = chart.panels;
  assertEquals([chart.title, panel.xNames, panel.series.length], [
    "Splits of resnet18 on emoji",
    ["layer3", "layer4", "fc"],
    1,
  ]);
  const [{ name, x, y, error }] = panel.series;
  assertEquals([name, x, y.map((value) => value!.toFixed(3))], [
    "trained from there on",
    [0, 1, 2],
    ["0.650", "0.850", "0.700"],
  ]);
  assertEquals(error!.map((value) => value.toFixed(3)), ["0.071", "0.071", "0.000"]);
  assertEquals(panel.marks, [{ x: 1, y: rows[1].accuracy.mean, label: "best: layer4", tone: "good" }]);
});

Deno.test("plot: a single seed has no spread; a split that came to nothing has no point", () => {
  const few = [row("a", [0.5]), row("b", [], { error: "the loss became NaN" }), row("c", [0.6])];
  const [{ x, error }] = accuracyChart(few, few[2], facts()).panels[0].series;
  assertEquals([x, error], [[0, 2], undefined]);
});

Deno.test("plot: a line for each way to start, and one for the heads on frozen features", () => {
  const random = { start: "AnB" as const, label: "fc (AnB)" };
  const several = [
    row("layer4", [0.8], { probe: 0.55 }),
    row("fc", [0.7], { probe: 0.65 }),
    row("fc", [0.5], { ...random, probe: 0.65 }),
    row("fc", [0.4], { start: "AnB+", label: "fc (AnB+)" }),
  ];
  const { series, xNames } = accuracyChart(several, several[0], facts()).panels[0];
  assertEquals(series.map(({ name, x, y, dashed }) => ({ name, x, y, dashed })), [
    { name: "above from pretrained", x: [0, 1], y: [0.8, 0.7], dashed: undefined },
    { name: "above from random (AnB)", x: [1], y: [0.5], dashed: undefined },
    { name: "above from random, all trains (AnB+)", x: [1], y: [0.4], dashed: undefined },
    { name: "linear head on the features below", x: [0, 1], y: [0.55, 0.65], dashed: true },
  ]);
  assertEquals(xNames, ["layer4", "fc"]);
});

Deno.test("plot: what was not trained to the end is on a line of its own", () => {
  const left = { complete: false, epochs: 1 };
  const halved = [row("a", [0.4], left), row("b", [0.7]), row("c", [0.5], left), row("d", [0.6])];
  const lines = accuracyChart(halved, halved[1], facts()).panels[0].series;
  assertEquals(lines.map(({ name, x, tone }) => [name, x, tone]), [
    ["trained from there on", [1, 3], undefined],
    ["not trained to the end", [0, 2], "muted"],
  ]);
});

Deno.test("plot: the axis is ten points tall at least, and no accuracy is below 0 or above 1", () => {
  const range = (...rows: Parameters<typeof accuracyChart>[0]) =>
    accuracyChart(rows, rows[0], facts()).panels[0].yRange!.map((end) => end.toFixed(3));
  assertEquals(range(row("layer4", [0.61]), row("fc", [0.6])), ["0.555", "0.655"]);
  assertEquals(range(row("layer4", [0.8]), row("fc", [0.3], { probe: 0.7 })), ["0.270", "0.830"]);
  assertEquals(range(row("layer4", [0.9, 1]), row("fc", [0])), ["0.000", "1.000"]);
});

Deno.test("plot: what was tried and what it took", () => {
  const subtitle = (more: Parameters<typeof facts>[0]) => accuracyChart(rows, rows[1], facts(more)).subtitle;
  assertEquals(subtitle({}), "grid, 3 epochs; 9 epochs spent in 1 min 30 s");
  assertEquals(
    subtitle({ search: "halving", seeds: [1, 2], stopped: true }),
    "halving, 3 epochs from 2 seeds; 9 epochs spent in 1 min 30 s, ended early",
  );
});

Deno.test("table: below it what the splits share, and what keeps other processes out", () => {
  const caption = (more: Parameters<typeof facts>[0]) => splitTable(rows, rows[1], facts(more)).caption;
  const shared = "What is frozen was computed once for all of them: ", MB = 1e6;
  assertEquals(caption({}), undefined);
  assertEquals(caption({ note: "only here" }), "only here");
  assertEquals(caption({ featureBytes: { memory: 5 * MB, disk: 0 } }), `${shared}5.0 MB in memory`);
  assertEquals(caption({ featureBytes: { memory: 0, disk: 5 * MB } }), `${shared}5.0 MB on disk`);
  assertEquals(
    caption({ featureBytes: { memory: MB, disk: 4 * MB }, note: "only here" }),
    `${shared}5.0 MB in memory and on disk. only here`,
  );
});

Deno.test("table: a line for each split, with the columns that are needed", () => {
  const table = splitTable(rows, rows[1], facts());
  assertEquals(table.columns.map(({ label }) => label), [
    "trains from",
    "trainable parameters",
    "best validation accuracy",
    "epochs",
    "time",
    "memory",
  ]);
  assertEquals(table.rows.map(texts), [
    ["layer3", 900, "65.0% ± 7.1", "3", 12.5, 3 * 1024 * 1024],
    ["layer4", 500, "85.0% ± 7.1", "3", 12.5, 3 * 1024 * 1024],
    ["fc", 10, "70.0%", "3", 12.5, 3 * 1024 * 1024],
  ]);
  const good = table.rows.map((cells) => (cells[0] as { tone?: string }).tone);
  assertEquals(good, [undefined, "good", undefined]);
});

Deno.test("table: rates, heads and ways to start where there are any", () => {
  const several = [
    row("layer4", [0.8], { probe: 0.55, learningRate: 0.00316 }),
    row("fc", [0.7], { start: "AnB", label: "fc (AnB)" }),
  ];
  const { columns, rows: lines } = splitTable(several, several[0], facts());
  const at = (label: string) => columns.findIndex((column) => column.label === label);
  assertEquals(lines.map((cells) => cells[at("above from")]), ["pretrained", "AnB"]);
  assertEquals(lines.map((cells) => cells[at("linear head")]), ["55.0%", null]);
  assertEquals(lines.map((cells) => cells[at("learning rate")]), ["0.0032", null]);
  assertEquals(columns.length, 9);
});

Deno.test("table: what broke off and what was left out is told apart", () => {
  const leftOut = { split: "a", after: 2, accuracy: 0.4, best: 0.7, sureness: 0.99 };
  const mixed = [
    row("a", [0.4], { complete: false, epochs: 2, leftOut }),
    row("b", [], { complete: false, epochs: 0, error: "the loss became NaN" }),
    row("c", [0.3], { complete: false, epochs: 1, error: "the loss became Infinity" }),
    row("d", []),
    row("e", [0.7]),
  ];
  const { rows: lines } = splitTable(mixed, mixed[4], facts());
  assertEquals(lines.map((cells) => cells[2]), [
    { text: "40.0%", title: undefined, tone: "muted" },
    { text: "broke off", title: "the loss became NaN", tone: "bad" },
    { text: "30.0%", title: "the loss became Infinity", tone: "bad" },
    null,
    { text: "70.0%", title: undefined, tone: "good" },
  ]);
  assertEquals(lines[0][3], { text: "2", title: "left out then", tone: "muted" });
});

Deno.test("what was left out is told with how sure that is; nothing is said where nothing was", () => {
  assertEquals(leftOutText(rows), []);
  const [spec] = leftOutText([
    row("a", [0.4], { leftOut: { split: "a", after: 1, accuracy: 0.4, best: 0.7, sureness: 0.9949 } }),
    row("b", [0.6]),
    row("c", [0.5], { leftOut: { split: "c", after: 4, accuracy: 0.5, best: 0.75, sureness: 0.8 } }),
  ]);
  assertEquals(
    toText(spec),
    "a: left out after 1 epoch with 40.0%, when the best had 70.0% (behind with a probability of 99.5%)\n" +
      "c: left out after 4 epochs with 50.0%, when the best had 75.0% (behind with a probability of 80.0%)",
  );
});

Deno.test("curves: of each split the mean over seeds, as far as all of them have come", () => {
  const uneven = row("layer4", [0.8, 0.6]);
  uneven.curves[1].history.pop();
  const stopped = row("fc", [0.5], { curves: [{ seed: 0, history: [epoch(1, 0.25), epoch(2, 0.5)] }] });
  const { series } = curvesChart([uneven, stopped, row("layer3", [])]).panels[0];
  assertEquals(series.map(({ name, x }) => [name, x]), [["layer4", [1, 2]], ["fc", [1, 2]]]);
  assertEquals(series[0].y.map((value) => value!.toFixed(2)), ["0.35", "0.70"]);
  assertEquals(series[1].y, [0.25, 0.5]);
});

Deno.test("curves: a single epoch is no curve where others have more", () => {
  const curves = [{ seed: 0, history: [epoch(1, 0.3)] }];
  const names = (...rows: Parameters<typeof curvesChart>[0]) =>
    curvesChart(rows).panels[0].series.map(({ name }) => name);
  assertEquals(names(row("layer4", [0.6]), row("fc", [0.3], { curves })), ["layer4"]);
  assertEquals(names(row("layer4", [0.3], { curves }), row("fc", [0.3], { curves })), ["layer4", "fc"]);
});
