import { assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../../lib/data/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { accuracy, classScores, evaluate, macroF1, type Metrics, topK } from "../../lib/training/mod.ts";
import { confusionCounts } from "../../lib/training/predicted.ts";
import { noLeaks } from "../tensors.ts";

// Answers 0, 1, 2, 0 to 0, 1, 1, 2.
const logits = Float32Array.of(3, 2, 1, 0, 5, 1, 0, 2, 4, 9, 1, 2);
const predicted = { logits, labels: Int32Array.of(0, 1, 1, 2), classes: 3 };

Deno.test("metrics of four predictions, counted by hand", () => {
  assertEquals(confusionCounts(predicted), [[1, 0, 0], [0, 1, 1], [1, 0, 0]]);
  assertEquals(accuracy()(predicted), 0.5);
  assertEquals([1, 2, 3].map((k) => topK(k)(predicted)), [0.5, 1, 1]);
  const scores = classScores(confusionCounts(predicted));
  assertEquals(scores.map(({ precision }) => precision), [0.5, 1, 0]);
  assertEquals(scores.map(({ recall }) => recall), [1, 0.5, 0]);
  assertEquals(scores.map(({ support }) => support), [1, 2, 1]);
  assertAlmostEquals(macroF1()(predicted), (2 / 3 + 2 / 3 + 0) / 3, 1e-12);
});

Deno.test("macro F1 leaves out a class that is neither there nor predicted; equal logits count once", () => {
  const two = { logits: Float32Array.of(1, 0, 0, 0, 1, 0), labels: Int32Array.of(0, 1), classes: 3 };
  assertEquals(macroF1()(two), 1);
  const tie = { logits: Float32Array.of(1, 1, 1), labels: Int32Array.of(1), classes: 3 };
  assertEquals([1, 2].map((k) => topK(k)(tie)), [0, 1]);
});

noLeaks("evaluate counts confusions and measures what is asked for, whatever the batches", async () => {
  const x = tf.tensor2d([...logits], [4, 3]);
  const dataset = fromTensors(x, [0, 1, 1, 2]);
  const found = await evaluate(new nn.Identity(), dataset, { batchSize: 3, metrics: { top2: topK(2), f1: macroF1() } });
  assertEquals(found.confusion, [[1, 0, 0], [0, 1, 1], [1, 0, 0]]);
  assertEquals([found.accuracy, found.count, found.metrics.top2], [0.5, 4, 1]);
  assertAlmostEquals(found.metrics.f1, 4 / 9, 1e-12);
  x.dispose();
});

Deno.test("metrics that cannot be are named", async () => {
  assertThrows(() => topK(0), RangeError, "Cannot make topK: expected a whole number ≥ 1, found 0");
  assertThrows(
    () => confusionCounts({ ...predicted, labels: Int32Array.of(0, 1, 3, 2) }),
    RangeError,
    "Cannot count answers: expected labels from 0 to 2, one for each output, found 3",
  );
  const x = tf.zeros([1, 2]);
  await assertRejects(
    () => evaluate(new nn.Identity(), fromTensors(x, [0]), { metrics: { f1: 1 } as unknown as Metrics }),
    TypeError,
    "Cannot evaluate: expected metrics.f1 to be a function of predictions, found 1",
  );
  x.dispose();
});
