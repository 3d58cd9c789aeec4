import { assertEquals, assertStringIncludes } from "@std/assert";
import { toText } from "../../../lib/display/mod.ts";
import { accuracyChart, curvesCharts, dropoutTable, sizesChart } from "../../../lib/study/dropout/dropout_displays.ts";
import { DropoutStudy } from "../../../lib/study/dropout/dropout_study.ts";
import { epoch } from "../splits/scripted.ts";
import { facts, row } from "./rows.ts";

const rows = [row(0, [0.6, 0.7]), row(0.5, [0.8, 0.9]), row(0.8, [0.75, 0.75])];
const sized = [
  row(0, [0.4, 0.5], { size: 100 }),
  row(0.5, [0.6, 0.6], { size: 100 }),
  row(0, [0.8, 0.8], { size: 1000 }),
  row(0.5, [0.7, 0.8], { size: 1000 }),
];
const rounded = (values: readonly (number | null)[]) => values.map((value) => value?.toFixed(3) ?? null);

Deno.test("plot: training and validation accuracy by rate with their spread, the best marked, and the gap", () => {
  const chart = accuracyChart(rows, facts());
  assertEquals(chart.title, "Dropout in resnet18 on emoji");
  assertEquals(chart.subtitle, "2 epochs from 2 seeds, judged after the last one; 8 epochs spent in 1 min 30 s");
  const [accuracy, gap, ...others] = chart.panels;
  assertEquals(others, []);
  assertEquals(accuracy.xNames, ["0", "0.5", "0.8"]);
  const [training, validation] = accuracy.series;
  assertEquals([rounded(training.y), rounded(validation.y)], [["1.000", "1.000", "1.000"], [
    "0.650",
    "0.850",
    "0.750",
  ]]);
  assertEquals(rounded(validation.error!), ["0.071", "0.071", "0.000"]);
  assertEquals(accuracy.marks, [{ x: 1, y: rows[1].accuracy.mean, label: "best: p=0.5", tone: "good" }]);
  assertEquals(rounded(gap.series[0].y), ["0.350", "0.150", "0.250"]);
});

Deno.test("plot: a panel for each number of training pictures, with one axis for all", () => {
  const { panels } = accuracyChart(sized, facts());
  assertEquals(panels.map(({ yLabel }) => yLabel), ["accuracy from 100 pictures", "accuracy from 1,000 pictures"]);
  assertEquals(panels.map(({ marks }) => marks![0].label), ["best: p=0.5", "best: p=0"]);
  assertEquals(panels[0].yRange, panels[1].yRange);
  assertEquals(rounded(panels[0].yRange!), ["0.342", "1.000"]);
});

Deno.test("plot: gap and accuracy over the number of training pictures, a line for each rate; none where it is one", () => {
  assertEquals(sizesChart(rows), []);
  const [{ panels }] = sizesChart(sized);
  assertEquals(panels.map(({ xNames }) => xNames), [["100", "1,000"], ["100", "1,000"]]);
  const lines = panels.map(({ series }) => series.map(({ name, y }) => [name, ...rounded(y)]));
  assertEquals(lines, [
    [["p=0", "0.550", "0.200"], ["p=0.5", "0.400", "0.250"]],
    [["p=0", "0.450", "0.800"], ["p=0.5", "0.600", "0.750"]],
  ]);
});

Deno.test("plot: a rate that was not trained to the end is a gap; a single seed has no spread", () => {
  const some = [row(0, [0.5]), row(0.5, []), row(0.8, [0.6])];
  const [panel] = accuracyChart(some, facts()).panels;
  const [, { y, error }] = panel.series;
  assertEquals([y, error], [[0.5, null, 0.6], undefined]);
  assertEquals(panel.yRange!.every(Number.isFinite), true);
});

Deno.test("table: a line for each rate, the best of each number of pictures marked", () => {
  const table = dropoutTable(sized, facts());
  assertEquals(table.columns.map(({ label }) => label), [
    "training pictures",
    "dropout",
    "training accuracy",
    "validation accuracy",
    "gap in points",
    "time",
    "memory",
  ]);
  assertEquals(table.rows[0], [
    100,
    { text: "p=0", tone: undefined },
    "100.0% ± 0.0",
    { text: "45.0% ± 7.1", tone: undefined },
    "55.0 ± 7.1",
    12.5,
    3 * 1024 * 1024,
  ]);
  const best = table.rows.flatMap((cells, i) => (cells[1] as { tone?: string }).tone === "good" ? [i] : []);
  assertEquals(best, [1, 2]);
  assertEquals(dropoutTable(rows, facts({ note: "only here" })).columns.length, 6);
  assertEquals(dropoutTable(rows, facts({ note: "only here" })).caption, "only here");
});

Deno.test("table: what broke off says so", () => {
  const error = "Cannot go on training: the loss became NaN";
  const broken = { seed: 1, history: [epoch(1, 0.2)], error };
  const one = row(0.5, [0.7], { broken: 1 });
  one.runs.push(broken);
  const cells = dropoutTable([one, row(0.8, [], { broken: 1, runs: [broken] }), row(0.9, [])], facts()).rows;
  assertEquals(cells.map(([, , accuracy]) => accuracy), [
    { text: "70.0% (1 broke off)", title: error, tone: "bad" },
    { text: "broke off", title: error, tone: "bad" },
    null,
  ]);
});

Deno.test("curves: of each rate the mean over the seeds that did not break off", () => {
  const half = row(0.5, [0.8, 0.6]);
  half.runs.push({ seed: 2, history: [epoch(1, 0)], error: "the loss became NaN" });
  const [{ panels }] = curvesCharts([row(0, [0.4]), half]);
  assertEquals(panels.map(({ yLabel }) => yLabel), ["validation accuracy", "validation loss"]);
  assertEquals(panels[0].series.map(({ name, y }) => [name, ...rounded(y)]), [
    ["p=0", "0.200", "0.400"],
    ["p=0.5", "0.350", "0.700"],
  ]);
  assertEquals(curvesCharts(sized).map(({ panels }) => panels.map(({ yLabel }) => yLabel)), [
    ["validation accuracy from 100 pictures", "validation accuracy from 1,000 pictures"],
    ["validation loss from 100 pictures", "validation loss from 1,000 pictures"],
  ]);
});

Deno.test("where all broke off the display says so, and a spreadsheet gets empty cells", () => {
  const runs = [{ seed: 0, history: [], error: "the loss became NaN" }];
  const rows = [row(0.5, [], { broken: 1, runs })];
  const study = new DropoutStudy(rows, facts(), () => Promise.reject(), { layers: ["1"], frozen: [] });
  const text = toText(study.spec());
  for (const part of ["p=0.5 (1 of 1 trainings)", "Rates of dropout", "broke off"]) assertStringIncludes(text, part);
  assertStringIncludes(study.toCSV(), "\n0.5,,100,,,,,,,0,1,12.5,");
});
