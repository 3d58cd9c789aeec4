import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { toHtml, toText } from "../../../lib/display/mod.ts";
import { manualSeed } from "../../../lib/engine/mod.ts";
import * as nn from "../../../lib/nn/mod.ts";
import { measurementsOf } from "../../../lib/study/batch_norm/measurements.ts";
import { type BatchNormOptions, BatchNormStudy, studyBatchNorm } from "../../../lib/study/mod.ts";
import { insertBatchNorm, removeBatchNorm } from "../../../lib/surgery/mod.ts";
import { evaluate, fit, freeze } from "../../../lib/training/mod.ts";
import { noLeaks, release } from "../../tensors.ts";
import { experiment, forgetPictures, pictures } from "../workers/small.ts";
import { network, source } from "./small.ts";

const { data } = experiment();
const slow = experiment({}, { delay: 5 }).data;
const quiet = { display: false, epochs: 2, seeds: 2 } satisfies BatchNormOptions;

/** A study's rows with what differs from one computation to the next left out. */
function timeless({ rows }: BatchNormStudy): unknown {
  return JSON.parse(JSON.stringify(rows, (key, value) => ["seconds", "peakBytes"].includes(key) ? undefined : value));
}

noLeaks("every setting's training is that of the network by itself: looking at it changes nothing", async () => {
  const input = { input: [6, 6] } as const;
  const arrangements = [
    { options: {}, with: () => {}, without: (net: nn.Module) => void removeBatchNorm(net, undefined, input) },
    {
      options: { norm: false },
      with: (net: nn.Module) => void insertBatchNorm(net, undefined, input),
      without: () => {},
    },
  ];
  for (const arrangement of arrangements) {
    const study = await studyBatchNorm(source(arrangement.options), data, {
      ...quiet,
      learningRates: [0.02],
      batchSizes: [9],
    });
    assertEquals(study.rows.map(({ label }) => label), ["with batch norm", "without batch norm"]);
    const split = pictures();
    for (const { setting, runs, training } of study.rows) {
      for (const { seed, history, training: judged } of runs) {
        manualSeed(seed);
        const net = network(arrangement.options);
        const before = net.modules();
        arrangement[setting.norm as "with" | "without"](net);
        release(...before.filter((module) => module instanceof nn.BatchNorm2d && !net.modules().includes(module)));
        const run = await fit(net, split, {
          epochs: 2,
          batchSize: 9,
          learningRate: 0.02,
          seed,
          restoreBest: false,
          display: false,
        });
        history.forEach(({ loss, validationLoss }, i) => {
          assertAlmostEquals(loss, run.history[i].loss, 1e-5);
          assertAlmostEquals(validationLoss!, run.history[i].validationLoss!, 1e-5);
        });
        assertAlmostEquals(judged!.accuracy, (await evaluate(net, split.train)).accuracy, 1e-9);
        release(net, run.best!.stateDict);
      }
      assertEquals(training.count, 2);
    }
  }
  forgetPictures();
});

noLeaks("frozen statistics do not drift at all, moving ones as far as a direct computation says", async () => {
  const options = { ...quiet, batchSize: 15, until: "2", momenta: [0.1, 0.3], layers: ["0.1"] };
  const study = await studyBatchNorm(source(), data, options);
  assertEquals(study.rows.map(({ label }) => label), [
    "frozen statistics, momentum 0.1",
    "frozen statistics, momentum 0.3",
    "moving statistics, momentum 0.1",
    "moving statistics, momentum 0.3",
  ]);
  const split = pictures();
  for (const { setting, runs } of study.rows) {
    const moving = setting.norm === "moving";
    for (const run of runs) {
      const [below, above] = measurementsOf(run)!.layers;
      assertEquals([below.name, below.below, above.name, above.below], ["0.1", true, "2.1", false]);
      assertEquals([below.activations!.mean.length, above.activations], [3, undefined]);
      if (!moving) assertEquals(below.drift, { mean: [0, 0, 0], variance: [0, 0, 0] });
      assertEquals(above.drift!.mean[0], 0);
      assert(above.drift!.mean[2]! > 0, "what trains moves in any case");

      manualSeed(run.seed);
      const net = network();
      freeze(net, { until: "2" }, { batchNorm: moving ? "train" : "eval" });
      const norms = [net.get("0.1", nn.BatchNorm2d), net.get("2.1", nn.BatchNorm2d)];
      norms.forEach((norm) => norm.momentum = setting.momentum!);
      const best = await fit(net, split, {
        epochs: 2,
        batchSize: 15,
        seed: run.seed,
        restoreBest: false,
        display: false,
      });
      const [mean, variance] = await Promise.all(
        [norms[0].running_mean, norms[0].running_var].map(({ value }) => value.data()),
      );
      const over = (distance: (c: number) => number) =>
        [...mean.keys()].reduce((sum, channel) => sum + distance(channel), 0) / mean.length;
      // they began at 0 and 1
      assertAlmostEquals(below.drift!.mean[2]!, over((c) => Math.abs(mean[c]) / Math.sqrt(1 + 1e-5)), 1e-5);
      const logs = over((c) => Math.abs(Math.log((variance[c] + 1e-5) / (1 + 1e-5))));
      assertAlmostEquals(below.drift!.variance[2]!, logs, 1e-5);
      if (moving) assert(below.drift!.mean[1]! > 0.001);
      release(net, best.best!.stateDict);
    }
  }
  assertStringIncludes(
    study.summary,
    "moving statistics, momentum 0.3: the means of the 1 frozen batch norm moved by",
  );
  assertStringIncludes(study.summary, "with statistics kept (");
  const spec = study.spec();
  assertStringIncludes(await toText(spec), "Drift of the frozen part's running statistics");
  forgetPictures();
});

noLeaks("what trains can do without batch norm while what is frozen keeps its own", async () => {
  const options = { ...quiet, seeds: 1, until: "2", norms: ["frozen", "without"] } as const;
  const study = await studyBatchNorm(source(), data, { ...options, momenta: [0.2] });
  assertEquals(study.rows.map(({ setting }) => setting), [
    { norm: "frozen", until: "2", momentum: 0.2 },
    { norm: "without", until: "2" },
  ]);
  const net = await study.best(study.rows[1]);
  assertEquals(net.get("0.1").constructor, nn.BatchNorm2d);
  assertEquals([net.get("2.1").constructor, net.get("2.0", nn.Conv2d).bias?.requiresGrad], [nn.Identity, true]);
  assertEquals([net.get("0").frozen, net.get("0.1").frozen], [true, true]);
  release(net);
  forgetPictures();
});

noLeaks("a rate that is too large without batch norm breaks off or stays at chance, and this is told", async () => {
  const study = await studyBatchNorm(source(), data, {
    ...quiet,
    epochs: 4,
    optimizer: "sgd",
    learningRates: [0.05, 1e12],
  });
  const [mild, , , wild] = study.rows;
  assertEquals(wild.label, "without batch norm, learning rate 1000000000000");
  assertEquals(wild.broken, 2);
  assertEquals([wild.complete, wild.accuracy.count], [false, 0]);
  assert(mild.complete && mild.accuracy.mean > study.chance);
  assertStringIncludes(study.summary, "Broke off, since the loss was no number any more: ");
  assertStringIncludes(study.summary, "without batch norm, learning rate 1000000000000 (2 of 2 trainings)");
  assertStringIncludes(study.summary, "The largest learning rate that something was learnt with: ");
  assertStringIncludes(await toText(study.spec()), "2 of 2");
  forgetPictures();
});

noLeaks("the same seeds give the same, also where a study was stopped and went on", async () => {
  const folder = await Deno.makeTempDir({ prefix: "thaw-batch-norm-" });
  const options = { ...quiet, batchSizes: [5, 15] };
  const first = await studyBatchNorm(source(), data, options);
  const stop = new AbortController();
  const begun = await studyBatchNorm(source(), slow, {
    ...options,
    folder,
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(500)]),
  });
  assertEquals(begun.facts.stopped, true);
  const resumed = await studyBatchNorm(source(), data, { ...options, folder });
  assertEquals(timeless(resumed), timeless(first));
  assertEquals(resumed.rows.map(({ label }) => label), [
    "with batch norm, batches of 5",
    "with batch norm, batches of 15",
    "without batch norm, batches of 5",
    "without batch norm, batches of 15",
  ]);
  await assertRejects(
    async () => await studyBatchNorm(source(), data, { ...options, folder, layers: ["0.1"] }),
    Error,
    'found watch none instead of ["0.1"]',
  );
  await Deno.remove(folder, { recursive: true });
  forgetPictures();
});

noLeaks("best() is the best setting's network, arranged as it was trained", async () => {
  const study = await studyBatchNorm(source({ norm: false }), data, { ...quiet, norms: ["with"], momenta: [null] });
  const net = await study.best();
  assertEquals(net.get("0.0.1", nn.BatchNorm2d).momentum, null);
  const { accuracy } = await evaluate(net, pictures().validation);
  const best = study.rows[0].runs.flatMap(({ history }) =>
    history.map(({ validationAccuracy }) => validationAccuracy!)
  );
  assertAlmostEquals(accuracy, Math.max(...best), 1e-9);
  release(net);
  forgetPictures();
});

noLeaks("the result becomes JSON and CSV, and shows its charts and its table", async () => {
  const study = await studyBatchNorm(source(), data, { ...quiet, learningRates: [0.001, 0.02] });
  assert(study instanceof BatchNormStudy);
  const lines = study.toCSV().trim().split("\n");
  assertEquals(lines.length, 5);
  assertStringIncludes(lines[0], "norm,learningRate,trainable,accuracy,accuracyDeviation");
  assertStringIncludes(lines[1], "with,0.001,");
  const json = study.toJSON() as { best: string; chance: number };
  assertEquals([json.best, json.chance], [study.bestSetting!.label, 1 / 3]);
  const spec = study.spec();
  assert(spec.kind === "stack");
  assertEquals(spec.items.map(({ kind }) => kind), ["text", "chart", "table", "chart", "chart", "chart", "chart"]);
  const html = await toHtml(spec);
  for (const text of ["Training loss", "Activations behind batch norm", "Running statistics and those of"]) {
    assertStringIncludes(html + await toText(spec), text);
  }
  forgetPictures();
});
