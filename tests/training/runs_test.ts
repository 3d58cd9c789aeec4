import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { releaseForgotten } from "../../lib/engine/mod.ts";
import { join } from "node:path";
import {
  compare,
  data,
  fit,
  type FitOptions,
  freeze,
  loadRuns,
  manualSeed,
  nn,
  type Run,
  runs,
  saveRuns,
} from "../../mod.ts";
import type { StackSpec, TableSpec } from "../../lib/display/mod.ts";
import { noLeaks, release } from "../tensors.ts";

function points(): { x: tf.Tensor; split: data.LabelledSplit } {
  const x = tf.tensor2d(Array.from({ length: 20 }, (_, i) => [i % 2 ? 1 : -1, i / 20]));
  const all = data.fromTensors(x, Array.from({ length: 20 }, (_, i) => i % 2), { name: "points" });
  return { x, split: all.split({ validation: 0.4, seed: 1 }) };
}

function network(): nn.Sequential {
  manualSeed(1); // a start from which the points can be learnt
  return new nn.Sequential(new nn.Linear(2, 4), new nn.ReLU(), new nn.Linear(4, 2));
}

async function trained(split: data.Split, options: FitOptions, until?: string): Promise<Run> {
  const model = network();
  if (until) freeze(model, { until });
  const run = await fit(model, split, { display: false, seed: 1, epochs: 2, ...options });
  release(model);
  return run;
}

noLeaks("every run is kept with what it was and what came of it", async () => {
  const { x, split } = points();
  const before = runs().length;
  const run = await trained(split, { name: "head", learningRate: 0.1 }, "2");
  assertEquals(runs().length, before + 1);
  const record = runs().at(-1)!;
  assertEquals([record.name, record.number, record.state], ["head", before + 1, "finished"]);
  assertEquals(record.history.toJSON(), run.history.toJSON());
  const { stateDict, ...best } = run.best!;
  assertEquals(record.best, best);
  assert(record.seconds > 0);
  const { plan, optimizer, options, data } = record.toJSON();
  assertEquals([plan.trainable, plan.parameters], [10, 22]);
  assertEquals(optimizer, {
    type: "Adam",
    settings: { betas: [0.9, 0.999], epsilon: 1e-8 },
    groups: [{ name: undefined, learningRate: 0.1, weightDecay: 0 }],
  });
  assertEquals([options.epochs, options.batchSize, options.seed], [2, 32, 1]);
  assertEquals([data.name, data.train, data.validation, data.classes], ["points", 12, 8, 2]);
  const table = runs().spec() as TableSpec;
  const row = table.rows.at(-1)!;
  assertEquals(row.slice(1, 7), ["head", "Sequential on points", "until 2", 10, "Adam, 0.1", "2 of 2"]);
  release(stateDict);
  x.dispose();
});

noLeaks("a run that goes on is listed as running, one that fails as failed", async () => {
  const { x, split } = points();
  const model = network();
  const running = fit(model, split, { display: false, epochs: 1000 });
  assertEquals([runs().at(-1)!.state, runs().at(-1)!.history.length], ["running", 0]);
  await assertRejects(async () => await fit(model, split, { display: false }), Error, "it is being trained already");
  assertEquals(runs().at(-1)!.state, "failed");
  const run = await running.stop();
  assertEquals(runs().at(-2)!.state, "stopped");
  release(model);
  if (run.best) release(run.best.stateDict);
  x.dispose();
});

Deno.test("the list of runs keeps neither networks nor weights", async () => {
  const forget = async () => {
    for (let i = 0; i < 3; i++) await releaseForgotten();
  };
  const { x, split } = points();
  const runOnce = async () => {
    const run = await fit(network(), split, { display: false, epochs: 2, optimizer: "adam" });
    assert(run.best!.stateDict.size > 0);
  };
  await runOnce();
  await forget();
  const [tensors, kept] = [tf.memory().numTensors, runs().length];
  for (let i = 0; i < 4; i++) await runOnce();
  await forget();
  assertEquals([tf.memory().numTensors - tensors, runs().length - kept], [0, 4]);
  x.dispose();
});

noLeaks("compare tells what differed and which was best, and overlays the curves", async () => {
  const { x, split } = points();
  const slow = await trained(split, { name: "slow", learningRate: 1e-9 }, "2");
  const fast = await trained(split, { name: "fast", learningRate: 0.1, epochs: 30, batchSize: 4 });
  const comparison = compare(slow, "fast");
  assertEquals(comparison.differences, [
    { setting: "frozen", values: ["until 2", "nothing"] },
    { setting: "trainable", values: ["10", "22"] },
    { setting: "learning rate", values: ["1e-9", "0.1"] },
    { setting: "epochs", values: ["2", "30"] },
    { setting: "batch size", values: ["32", "4"] },
  ]);
  assert(/^fast was best: validation accuracy 100\.0% in .*, .* points above slow \(.*\)$/.test(comparison.summary));
  const [curves, table] = (comparison.spec() as StackSpec).items;
  assert(curves.kind === "chart" && table.kind === "table");
  assertEquals(curves.panels.map(({ yLabel }) => yLabel), ["validation accuracy", "validation loss"]);
  assertEquals(curves.panels.map(({ series }) => series.map(({ name, x }) => [name, x.length])), [
    [["slow", 2], ["fast", 30]],
    [["slow", 2], ["fast", 30]],
  ]);
  assertEquals(curves.panels[0].series[1].y, fast.history.map(({ validationAccuracy }) => validationAccuracy!));
  assertEquals(table.columns.map(({ label }) => label).slice(1, 6), comparison.differences.map((one) => one.setting));
  assert(String(comparison).includes("What differed"));
  release(slow.best!.stateDict, fast.best!.stateDict);
  x.dispose();
});

noLeaks("runs of equal names or settings are told apart; other data make no fair comparison", async () => {
  const { x, split } = points();
  const first = await trained(split, { name: "one" });
  const second = await trained(split, { name: "one" });
  const other = await trained({ ...split, validation: split.train, name: "more" }, { name: "other" });
  const numbers = [runs().length - 2, runs().length - 1];
  const same = compare(first, second);
  assertEquals(same.labels, numbers.map((number) => `one (${number})`));
  assertEquals(same.differences, []);
  assert(String(same).includes("Nothing in their settings differed"));
  assert(compare(first, other).summary.endsWith("; they were not judged by the same data"));
  assertThrows(
    () => compare("none such"),
    RangeError,
    'Cannot find the run none such: expected a run, or the number or name of one, found these runs: 1 ("',
  );
  release(first.best!.stateDict, second.best!.stateDict, other.best!.stateDict);
  x.dispose();
});

noLeaks("runs are written to a folder, read back and compared with live ones", async () => {
  const { x, split } = points();
  const run = await trained(split, { name: "kept" });
  const live = await trained(split, { name: "kept", seed: 2 });
  const folder = await Deno.makeTempDir();
  const paths = await saveRuns(folder, [run]);
  assertEquals(await saveRuns(folder, ["kept", run].slice(1)), paths); // the same file again
  await Deno.writeTextFile(join(folder, "notes.json"), "not a run");
  const [read] = await loadRuns(folder);
  const record = runs().at(-2)!;
  assertEquals(read.toJSON(), JSON.parse(JSON.stringify(record)));
  assertEquals(compare(await loadRuns(folder), live).differences, [{ setting: "seed", values: ["1", "2"] }]);
  await Deno.writeTextFile(paths[0], "{}");
  await assertRejects(
    () => loadRuns(folder),
    TypeError,
    `Cannot load the run "${paths[0]}": expected a file of saveRuns, version 1, found JSON of another kind`,
  );
  await Deno.writeTextFile(paths[0], "{");
  await assertRejects(() => loadRuns(folder), TypeError, "found a file that is not JSON");
  await assertRejects(
    () => loadRuns(join(folder, "none")),
    Deno.errors.NotFound,
    "expected a folder there, found none",
  );
  await Deno.remove(folder, { recursive: true });
  release(run.best!.stateDict, live.best!.stateDict);
  x.dispose();
});
