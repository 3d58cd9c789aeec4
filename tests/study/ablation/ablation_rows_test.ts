import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { type AblationPlan, allTrials, trialsOf } from "../../../lib/study/ablation/ablation_plan.ts";
import { ablationRows, bestSetting } from "../../../lib/study/ablation/ablation_rows.ts";
import { StudyFolder } from "../../../lib/study/trials/study_folder.ts";
import type { TrialResult } from "../../../lib/study/trials/trial.ts";

type Setting = { rate: number; size?: number };

const plan: AblationPlan<Setting> = {
  settings: [{ rate: 0 }, { rate: 0.5, size: 30 }],
  seeds: [3, 4],
  epochs: 2,
  labelOf: ({ rate, size }) => `p = ${rate}${size ? `, ${size} pictures` : ""}`,
};

/** What came of a training: validation accuracies by epoch, and the accuracy on the training data. */
function result(id: string, accuracies: readonly number[], training?: number, error?: string): TrialResult {
  const history = accuracies.map((validationAccuracy, i) => ({
    epoch: i + 1,
    loss: 1,
    accuracy: 0.5,
    validationLoss: 2 - validationAccuracy,
    validationAccuracy,
    learningRate: 0.1,
    seconds: 1,
  }));
  const best = history.toSorted((a, b) => b.validationAccuracy - a.validationAccuracy)[0];
  return {
    id,
    history,
    best,
    parameters: 100,
    trainable: 10,
    seconds: 7,
    featureSeconds: 2,
    peakBytes: 1000,
    ...(training !== undefined && { training: { loss: 0.1, accuracy: training } }),
    ...(error !== undefined && { error }),
  };
}

Deno.test("a setting's trials have names that files may have, each seed its own; the first seed of all comes first", () => {
  assertEquals(trialsOf(plan.settings[1], plan).map(({ id }) => id), ["rate0.5-size30-seed3", "rate0.5-size30-seed4"]);
  assertEquals(allTrials(plan).map(({ id }) => id), [
    "rate0-seed3",
    "rate0.5-size30-seed3",
    "rate0-seed4",
    "rate0.5-size30-seed4",
  ]);
  const named = { ...plan, settings: [{ norm: "with out/../", rate: 1 }], labelOf: String } as unknown as typeof plan;
  assertEquals(trialsOf(named.settings[0], named)[0].id, "norm-with_out_.._-rate1-seed3");
});

Deno.test("names of many layers make no longer name than a file's may be, and others another", () => {
  const where = Array.from({ length: 60 }, (_, i) => `features.${i}.block.conv`);
  const named = { ...plan, settings: [{ where }, { where: [...where, "fc"] }] } as unknown as typeof plan;
  const [a, b] = named.settings.map((setting) => trialsOf(setting, named)[0].id);
  assert(a.length < 200, a);
  assertNotEquals(a, b);
  assertEquals(a, trialsOf({ where } as never, named)[0].id);
});

Deno.test("a row has the last epoch's accuracies over seeds, and the gap to the training data seed by seed", async () => {
  const folder = await StudyFolder.open(await Deno.makeTempDir(), {});
  const [[a, b], [c, d]] = plan.settings.map((setting) => trialsOf(setting, plan));
  await folder.note(result(a.id, [0.8, 0.6], 0.9));
  await folder.note(result(b.id, [0.5, 0.7], 0.9));
  await folder.note(result(c.id, [0.7, 0.75], 0.8));
  await folder.note(result(d.id, [0.4], undefined, "Cannot go on: the loss became NaN"));
  const [first, second] = ablationRows(plan, folder);
  assertEquals([first.label, first.accuracy.count, first.complete, first.broken], ["p = 0", 2, true, 0]);
  assertAlmostEquals(first.accuracy.mean, 0.65);
  assertAlmostEquals(first.accuracy.deviation, Math.SQRT1_2 * 0.1);
  assertAlmostEquals(first.best.mean, 0.75);
  assertAlmostEquals(first.gap.mean, 0.25); // 0.3 and 0.2
  assertAlmostEquals(first.loss.mean, 1.35);
  assertEquals([first.seconds, first.peakBytes, first.parameters, first.trainable], [5, 1000, 100, 10]);
  // what broke off has no part in the accuracies
  assertEquals([second.label, second.accuracy.count, second.broken], ["p = 0.5, 30 pictures", 1, 1]);
  assertEquals(second.accuracy.mean, 0.75);
  assertEquals(second.runs.map(({ seed, error }) => [seed, error]), [[3, undefined], [
    4,
    "Cannot go on: the loss became NaN",
  ]]);
  // nor is what is left of it compared with what never breaks off
  assertEquals(bestSetting([first, second]), first);
  assertEquals(bestSetting([second]), second);
});

Deno.test("a setting of which nothing was trained has no row, and one that was not trained to the end is not the best", async () => {
  const folder = await StudyFolder.open(await Deno.makeTempDir(), {});
  const [[a]] = plan.settings.map((setting) => trialsOf(setting, plan));
  assertEquals(ablationRows(plan, folder), []);
  await folder.note(result(a.id, [0.9]));
  const rows = ablationRows(plan, folder);
  assertEquals([rows.length, rows[0].complete, rows[0].accuracy.count], [1, false, 0]);
  assertEquals(bestSetting(rows), undefined);
});
