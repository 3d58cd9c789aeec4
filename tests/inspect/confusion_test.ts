import { assertEquals, assertThrows } from "@std/assert";
import { classReport, confusionMatrix, mimeBundle, toHtml, toPlotly, toText } from "thaw";

const counts = [[8, 2, 0], [1, 18, 1], [0, 0, 0]];
const classes = ["cat", "dog", "newt"];

Deno.test("confusionMatrix: as text counts and the shares of each row", () => {
  assertEquals(
    String(confusionMatrix({ confusion: counts }, { classes })),
    [
      "Confusion matrix",
      "true ↓  predicted →    cat     dog  newt",
      "───────────────────  ─────  ──────  ────",
      "cat                  8 80%   2 20%     ·",
      "dog                   1 5%  18 90%  1 5%",
      "newt                     ·       ·     ·",
      "26 of 30 right",
    ].join("\n"),
  );
});

Deno.test("confusionMatrix: mistakes, most often first", () => {
  assertEquals(
    confusionMatrix(counts, classes).mistakes().map(({ actual, predicted, count }) => [
      actual,
      predicted,
      count,
    ]),
    [["cat", "dog", 2], ["dog", "cat", 1], ["dog", "newt", 1]],
  );
});

Deno.test("confusionMatrix: HTML, a heat map and a picture, each with what a cell says", async () => {
  const spec = confusionMatrix(counts, classes).spec();
  const html = await toHtml(spec);
  assertEquals(html.includes('title="cat taken for dog: 2 of 10 (20.0%)"'), true);
  assertEquals(html.includes('title="dog predicted right: 18 of 20 (90.0%)"'), true);
  const [full, , , pale] = toPlotly(spec).data as { z: (number | null)[][]; customdata: string[][] }[];
  assertEquals(full.z, [[0.8, null, null], [null, 0.9, null], [null, null, null]]);
  assertEquals(pale.z, [[null, 0.2, null], [0.05, null, 0.05], [null, null, null]]);
  assertEquals(pale.customdata[0][1], "cat taken for dog: 2 of 10 (20.0%)");
  const bundle = await mimeBundle(spec);
  assertEquals(Object.keys(bundle), ["application/vnd.plotly.v1+json", "text/html", "image/png", "text/plain"]);
});

Deno.test("confusionMatrix: of many classes those with the most mistakes", () => {
  const matrix = confusionMatrix([[5, 0, 0], [0, 1, 3], [0, 2, 4]], ["a", "b", "c"], { most: 2 }).spec();
  assertEquals(matrix.labels, ["b", "c"]);
  assertEquals(matrix.counts, [[1, 3], [2, 4]]);
  assertEquals(matrix.caption, "10 of 15 right; the 2 classes with the most mistakes, 1 left out");
});

Deno.test("classReport: precision, recall and F1, and their means over the classes that there are", () => {
  assertEquals(
    toText(classReport(counts, classes).spec()),
    [
      "Precision and recall of each class",
      "class                precision  recall  F1                samples  predicted",
      "───────────────────  ─────────  ──────  ────────────────  ───────  ─────────",
      "cat                      88.9%   80.0%  ████████░░ 84.2%       10          9",
      "dog                      90.0%   90.0%  █████████░ 90.0%       20         20",
      "newt                      0.0%    0.0%  ░░░░░░░░░░ 0.0%         0          1",
      "mean of the classes      59.6%   56.7%  ██████░░░░ 58.1%       30         30",
    ].join("\n"),
  );
});

Deno.test("confusionMatrix and classReport: what cannot be is said", () => {
  assertThrows(
    () => confusionMatrix([[1, 2]], classes),
    TypeError,
    "Cannot make a confusion matrix: expected what evaluate returns or square counts, found rows of other lengths",
  );
  assertThrows(
    () => classReport(counts, ["cat"]),
    TypeError,
    "Cannot make a class report: expected the names of 3 classes, or the dataset, found 1",
  );
  assertThrows(
    () => classReport({ loss: 1 } as never, classes),
    TypeError,
    "Cannot make a class report: expected what evaluate returns or square counts, found ",
  );
});
