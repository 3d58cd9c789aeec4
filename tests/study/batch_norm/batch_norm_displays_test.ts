import { assertEquals } from "@std/assert";
import { activationCharts } from "../../../lib/study/batch_norm/activation_charts.ts";
import { accuracyChart, batchNormTable, lossChart } from "../../../lib/study/batch_norm/batch_norm_displays.ts";
import { statisticsCharts } from "../../../lib/study/batch_norm/statistics_charts.ts";
import { facts, judges, layer, row } from "./rows.ts";

const rows = [
  row("with", [0.8, 0.82], { learningRate: 0.1 }),
  row("with", [0.7, 0.72], { learningRate: 1 }),
  row("without", [0.6, 0.62], { learningRate: 0.1 }),
  row("without", [], { learningRate: 1, broken: 2 }),
];
const rounded = (values: readonly (number | null)[]) => values.map((value) => value?.toFixed(2) ?? null);

Deno.test("plot: both ways over the learning rates, with their spread; what broke off is marked at the bottom", () => {
  const { title, subtitle, panels: [panel] } = accuracyChart(rows, facts(), judges);
  assertEquals([title, subtitle], [
    "Batch norm in resnet18 on emoji",
    "2 epochs from 2 seeds, judged after the last one; 8 epochs spent in 1 min 30 s",
  ]);
  assertEquals([panel.xLabel, panel.xNames], ["learning rate", ["0.1", "1"]]);
  assertEquals(panel.series.map(({ name, x, y, error }) => [name, x, rounded(y), rounded(error!)]), [
    ["with batch norm", [0, 1], ["0.81", "0.71"], ["0.01", "0.01"]],
    ["without batch norm", [0], ["0.61"], ["0.01"]],
  ]);
  assertEquals(panel.marks, [
    { x: 1, y: panel.yRange![0], label: "broke off", tone: "bad" },
    { x: 0, y: rows[0].accuracy.mean, label: "best", tone: "good" },
  ]);
});

Deno.test("plot: a line for each further thing that is varied; what a way does not vary is the same everywhere", () => {
  const several = [
    row("with", [0.8], { batchSize: 2, momentum: 0.1 }),
    row("with", [0.7], { batchSize: 2, momentum: 0.5 }),
    row("with", [0.6], { batchSize: 2, momentum: null }),
    row("without", [0.5], { batchSize: 2 }),
  ];
  const [panel] = accuracyChart(several, facts(), judges).panels;
  assertEquals([panel.xLabel, panel.xNames], ["momentum", ["0.1", "0.5", "none (average)"]]);
  assertEquals(panel.series.map(({ name, x, y, dashed, error }) => [name, x, y, dashed, error]), [
    ["with batch norm", [0, 1, 2], [0.8, 0.7, 0.6], false, undefined],
    ["without batch norm", [0, 1, 2], [0.5, 0.5, 0.5], true, undefined],
  ]);
  const crossed = [2, 4, 8].flatMap((batchSize) =>
    [0.1, 0.2].map((learningRate) => row("with", [0.5], { batchSize, learningRate }))
  );
  const [{ xLabel, series }] = accuracyChart(crossed, facts(), judges).panels;
  assertEquals([xLabel, series.map(({ name }) => name)], [
    "batch size",
    ["with batch norm, learning rate 0.1", "with batch norm, learning rate 0.2"],
  ]);
});

Deno.test("plot: where nothing else is varied the ways stand side by side, and chance where something ended there", () => {
  const [panel] = accuracyChart([row("with", [0.7]), row("without", [0.21])], facts(), judges).panels;
  assertEquals([panel.xNames, panel.series[0].x, panel.series[0].y], [
    ["with", "without"],
    [0, 1],
    [0.7, 0.21],
  ]);
  assertEquals(panel.marks![0], { y: 0.2, label: "the largest class" });
});

Deno.test("table: a line for each setting with the columns that are needed", () => {
  const table = batchNormTable(rows, facts({ note: "only here" }));
  assertEquals(table.columns.map(({ label }) => label), [
    "batch norm",
    "learning rate",
    "training accuracy",
    "validation accuracy",
    "gap in points",
    "broke off",
    "time",
    "memory",
  ]);
  assertEquals(table.rows[0], [
    { text: "with batch norm", tone: "good" },
    "0.1",
    "100.0% ± 0.0",
    { text: "81.0% ± 1.4", tone: "good" },
    "19.0 ± 1.4",
    "none",
    12.5,
    3 * 1024 * 1024,
  ]);
  assertEquals(table.rows[3].slice(2, 6), [
    null,
    null,
    null,
    { text: "2 of 2", title: "Cannot go on training: the loss became NaN", tone: "bad" },
  ]);
  assertEquals(table.caption, "only here");
});

Deno.test("curves: the loss of each setting, a panel for each way", () => {
  const { panels } = lossChart(rows);
  assertEquals(panels.map(({ title, series }) => [title, series.map(({ name }) => name)]), [
    ["with batch norm", ["learning rate 0.1", "learning rate 1"]],
    ["without batch norm", ["learning rate 0.1"]],
  ]);
  assertEquals(panels[0].yRange, panels[1].yRange);
  const exploding = row("with", [0.7, 0.7], { learningRate: 1 });
  exploding.runs.forEach(({ history }) => history[1].loss = 1e9);
  const { subtitle, panels: cut } = lossChart([rows[0], exploding, rows[2]]);
  assertEquals(subtitle, "up to 5; a line that ends went beyond");
  assertEquals(cut[0].series.map(({ y }) => y), [[1, 0.5], [1, null]]);
  const [single, ...others] = lossChart([row("with", [0.7]), row("without", [0.6])]).panels;
  assertEquals([single.series.map(({ name }) => name), others], [["with batch norm", "without batch norm"], []]);
});

Deno.test("activations: three layers, the best setting beside the same without; one axis unless one would be a line", () => {
  const layers = (spread: number) => ["a", "b", "c", "d", "e"].map((name) => layer(name, false, [0, 1], spread));
  const charts = (spread: number) =>
    activationCharts([
      row("with", [0.8], { learningRate: 1, layers: layers(1) }),
      row("without", [0.7], { learningRate: 0.1, layers: layers(5) }),
      row("without", [0.4], { learningRate: 1, layers: layers(spread) }),
    ]);
  const shown = charts(2);
  assertEquals(
    shown.map(({ panels }) => panels.map(({ title }) => title)),
    ["a", "c", "e"].map((name) => [
      `${name}, with batch norm`,
      `${name}, without batch norm`,
    ]),
  );
  const [first] = shown;
  assertEquals(first.panels[1].series.map(({ name, x, y }) => [name, x, y]), [
    ["85 %", [0, 1], [2, 2]],
    ["50 %", [0, 1], [0, 0]],
    ["15 %", [0, 1], [-2, -2]],
  ]);
  assertEquals(first.panels.map(({ yRange }) => yRange), [[-2.2, 2.2], [-2.2, 2.2]]);
  assertEquals(charts(50)[0].panels.map(({ yRange }) => yRange), [undefined, undefined]);
});

Deno.test("drift: by epoch a line for each layer, at the end by depth; of the frozen part alone", () => {
  const layers = (
    far: number,
  ) => [layer("a", true, [0, far]), layer("b", true, [0, 2 * far]), layer("c", false, [0, 9])];
  const both = [row("frozen", [0.7, 0.7], { layers: layers(0) }), row("moving", [0.6, 0.6], { layers: layers(0.3) })];
  const [{ panels: [byEpoch, byDepth, variances] }, ...others] = statisticsCharts(both);
  assertEquals(others, []);
  assertEquals(byEpoch.series.map(({ name, x, y }) => [name, x, y]), [["a", [0, 1], [0, 0.3]], ["b", [0, 1], [
    0,
    0.6,
  ]]]);
  assertEquals([byDepth.xNames, byDepth.series.map(({ name, y }) => [name, y])], [
    ["a", "b"],
    [["frozen statistics", [0, 0]], ["moving statistics", [0.3, 0.6]]],
  ]);
  assertEquals(variances.series.map(({ y }) => y), [[0, 0], [0.15, 0.3]]);
  const momenta = [0.1, 0.5].map((momentum) => row("moving", [0.6], { momentum, layers: layers(momentum) }));
  assertEquals(statisticsCharts(momenta)[0].panels[0].series.map(({ name, y }) => [name, rounded(y)]), [
    ["moving statistics, momentum 0.1", ["0.00", "0.15"]],
    ["moving statistics, momentum 0.5", ["0.00", "0.75"]],
  ]);
});

Deno.test("distances: of what has batch norm, by depth; none where nothing has", () => {
  const layers = Array.from({ length: 9 }, (_, i) => layer(`${i}`, false, [0, i]));
  const [{ panels }] = statisticsCharts([row("with", [0.7], { layers }), row("without", [0.6])]);
  assertEquals(panels.map(({ series }) => series.map(({ name }) => name)), [["with batch norm"], ["with batch norm"]]);
  assertEquals([panels[0].xNames, panels[0].series[0].x.slice(0, 2)], [undefined, [1, 2]]);
  assertEquals(panels[1].series[0].y.slice(0, 3), [0, 0.5, 1]);
  assertEquals(statisticsCharts([row("without", [0.6])]), []);
});
