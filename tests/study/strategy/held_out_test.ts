import { assertAlmostEquals, assertEquals } from "@std/assert";
import { chance, heldOut, judgeCount, probeAccuracy } from "../../../lib/study/strategy/held_out.ts";
import { linearProbe } from "../../../lib/study/transfer/probe.ts";
import { featuresOf, figures } from "../../golden/transferability.ts";
import { noLeaks } from "../../tensors.ts";

const pause = () => Promise.resolve();
const zeros = (count: number) => Int32Array.from({ length: count }, (_, i) => i % 4 === 0 ? 1 : 0);

Deno.test("enough validation samples judge by themselves, few together with all others in five folds", () => {
  const enough = heldOut(zeros(30), zeros(200), 2);
  assertEquals(enough.folds.map((fold) => [fold[0], fold.length]), [[30, 200]]);
  assertEquals(judgeCount(enough), 200);
  const few = heldOut(zeros(30), zeros(20), 2);
  assertEquals(few.folds.length, 5);
  assertEquals(few.folds.flatMap((fold) => [...fold]).sort((a, b) => a - b), [...Array(50).keys()]);
  assertEquals(few.folds.map((fold) => [...fold]), heldOut(zeros(30), zeros(20), 2).folds.map((fold) => [...fold]));
  assertEquals(chance(enough), 0.75);
});

noLeaks("a probe's accuracy over folds is that of all held-out samples together", async () => {
  const one = figures.cases[0];
  const [train, validation] = [featuresOf(one), featuresOf(one, ".validation")];
  const held = heldOut(train.labels, validation.labels, one.classes);
  const single = { ...held, folds: [Int32Array.from(validation.labels, (_, i) => one.rows + i)] };
  const { accuracy } = await linearProbe(train, validation);
  assertEquals(await probeAccuracy(train.features, validation.features, single, pause), accuracy);
  const halves = { ...held, folds: [single.folds[0], Int32Array.from(train.labels.keys())] };
  const swapped = await linearProbe(validation, train);
  const found = await probeAccuracy(train.features, validation.features, halves, pause);
  assertAlmostEquals(found, (accuracy + swapped.accuracy) / 2, 1e-12);
});
