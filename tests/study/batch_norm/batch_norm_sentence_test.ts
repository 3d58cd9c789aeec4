import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  batchNormSentence,
  bestOfEach,
  counterpart,
  isAtChance,
} from "../../../lib/study/batch_norm/batch_norm_sentence.ts";
import { judges, layer, row } from "./rows.ts";

Deno.test("the best setting of each way is compared, and rates up to which something was learnt are told", () => {
  const rows = [
    row("with", [0.8, 0.82], { learningRate: 0.1 }),
    row("with", [0.7, 0.72], { learningRate: 1 }),
    row("without", [0.6, 0.62], { learningRate: 0.1 }),
    row("without", [], { learningRate: 1, broken: 2 }),
  ];
  assertEquals(batchNormSentence(rows, judges).split("\n"), [
    "with batch norm, learning rate 0.1: 81.0 % right on the validation pictures (mean of 2 seeds). It is ahead of without " +
    "batch norm, learning rate 0.1 (20.0 points) by more than the noise over seeds allows (6.1 points).",
    "Broke off, since the loss was no number any more: without batch norm, learning rate 1 (2 of 2 trainings).",
    "The largest learning rate that something was learnt with: 1 with batch norm, 0.1 without batch norm.",
  ]);
  assertEquals(bestOfEach(rows).map(({ accuracy }) => accuracy.mean.toFixed(2)), ["0.81", "0.61"]);
});

Deno.test("what ended at chance is told; chance is what the largest class and so many pictures make of it", () => {
  const rows = [row("with", [0.7]), row("without", [0.22])];
  assertStringIncludes(
    batchNormSentence(rows, judges),
    "\nEnded no better than chance allows, 20.0 % being the largest class: without batch norm (22.0 %).",
  );
  assertEquals([0.23, 0.24].map((accuracy) => isAtChance(row("with", [accuracy]), judges)), [true, false]);
  assertEquals(isAtChance(row("with", []), judges), false);
  const none = [row("with", [0.2], { learningRate: 0.1 }), row("without", [0.7], { learningRate: 0.2 })];
  assertStringIncludes(batchNormSentence(none, judges), "learnt with: none with batch norm, 0.2 without batch norm.");
});

Deno.test("moving statistics: how far, where farthest, and what it cost with its noise", () => {
  const layers = [layer("a", true, [0, 0.2]), layer("b", true, [0, 0.6]), layer("c", false, [0, 9])];
  const rows = [row("frozen", [0.7, 0.72]), row("moving", [0.6, 0.62], { layers })];
  assertEquals(
    batchNormSentence(rows, judges).split("\n").at(-1),
    'The means of the 2 frozen batch norms moved by 0.400 standard deviations on average, farthest at "b" (0.600), their ' +
      "variances by a factor of 1.22; 61.0 % right, 10.0 ± 1.4 points less right than with statistics kept (71.0 %).",
  );
  const better = [row("frozen", [0.6]), row("moving", [0.65], { layers })];
  assertStringIncludes(
    batchNormSentence(better, judges),
    "5.0 ± 3.4 points more right than with statistics kept (60.0 %).",
  );
  const alone = batchNormSentence([row("moving", [0.6], { layers, momentum: 0.1 })], judges);
  assertEquals(
    alone.split("\n").at(-1)!.endsWith('farthest at "b" (0.600), their variances by a factor of 1.22.'),
    true,
  );
});

Deno.test("a counterpart differs in the way alone", () => {
  const rows = [
    row("with", [0.5], { batchSize: 2, momentum: 0.1 }),
    row("without", [0.5], { batchSize: 8 }),
    row("without", [0.4], { batchSize: 2 }),
  ];
  assertEquals(counterpart(rows[0], "without", rows), rows[2]);
  assertEquals(counterpart(rows[1], "with", rows), undefined);
});

Deno.test("nothing is said of what was not trained yet", () => {
  assertEquals(batchNormSentence([], judges), "No setting has been trained to the end yet.");
});
