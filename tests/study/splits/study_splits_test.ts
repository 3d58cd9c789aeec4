import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { fileURLToPath } from "node:url";
import { toHtml, toText } from "../../../lib/display/mod.ts";
import { manualSeed } from "../../../lib/engine/mod.ts";
import { random } from "../../../lib/engine/random.ts";
import * as nn from "../../../lib/nn/mod.ts";
import { type SplitOptions, SplitStudy, studySplits } from "../../../lib/study/mod.ts";
import { evaluate, fit, freeze } from "../../../lib/training/mod.ts";
import { lastWords } from "../../killed_process.ts";
import { noLeaks, release } from "../../tensors.ts";
import { experiment, forgetPictures, network, pictures } from "../workers/small.ts";

const { model, data } = experiment();
const quiet = { display: false, epochs: 3, batchSize: 15, learningRate: 0.02 } satisfies SplitOptions;
const splits = ["0", "1", "5", "7"];

/** A study with what differs from one computation to the next left out. */
function timeless(study: SplitStudy): unknown {
  const { seconds: _s, featureSeconds: _f, featureBytes: _b, folder: _o, splits, ...facts } = study.toJSON() as {
    splits: SplitStudy["rows"];
    [name: string]: unknown;
  };
  const rows = splits.map(({ seconds: _, peakBytes: _peak, cachedOn: _on, curves, ...row }) => ({
    ...row,
    curves: curves.map(({ seed, history }) => ({ seed, history: history.map(({ seconds: _, ...epoch }) => epoch) })),
  }));
  return JSON.parse(JSON.stringify({ ...facts, splits: rows }));
}

noLeaks("every split's curve is that of a plain training with everything below frozen", async () => {
  const study = await studySplits(model, data, { ...quiet, splits, seeds: [3, 4] });
  assertEquals(study.rows.map(({ until }) => until), splits);
  const split = pictures();
  for (const { until, curves, trainable } of study.rows) {
    for (const { seed, history } of curves) {
      manualSeed(seed);
      const net = network();
      const plan = freeze(net, { until });
      const run = await fit(net, split, { ...quiet, optimizer: "adam", seed, cache: false });
      assertEquals(trainable, plan.trainable);
      history.forEach((epoch, i) => {
        assertAlmostEquals(epoch.loss, run.history[i].loss, 1e-5);
        assertAlmostEquals(epoch.validationLoss!, run.history[i].validationLoss!, 1e-5);
        assertEquals(epoch.validationAccuracy, run.history[i].validationAccuracy);
      });
      release(net, run.best!.stateDict);
    }
  }
  forgetPictures();
});

noLeaks("what is frozen is computed once for each picture, for all splits, seeds and epochs", async () => {
  let computed = 0;
  const made: nn.Module[] = [];
  manualSeed(1);
  const trained = network();
  const body = trained.stateDict(); // as if it had been pretrained
  const make = () => {
    const net = network();
    net.loadStateDict(body);
    nn.onForward(net.get("0"), (module, x) => module.frozen && (computed += x.shape[0]));
    made.push(net);
    return net;
  };
  const study = await studySplits(make, pictures(), { ...quiet, splits: ["5", "7"], seeds: 2 });
  assertEquals(study.facts.epochsSpent, 2 * 2 * 3);
  assertEquals(computed, 60); // 45 to train with and 15 to judge by
  assertEquals(study.rows.map(({ cachedOn }) => cachedOn), ["memory", "memory"]);
  assertStringIncludes(study.facts.note!, "the network is made by a function of this process");
  release(...made, trained, body);
  forgetPictures();
});

noLeaks("best() is the network after its best epoch, frozen as it was", async () => {
  const study = await studySplits(model, data, { ...quiet, splits: ["1", "5"], seeds: 2 });
  const best = study.bestSplit!;
  const net = await study.best();
  const { accuracy } = await evaluate(net, pictures().validation, { batchSize: 15 });
  assertAlmostEquals(
    accuracy,
    Math.max(...best.curves.flatMap(({ history }) => history.map((e) => e.validationAccuracy!))),
    1e-9,
  );
  assertEquals(net.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).length, best.until === "1" ? 6 : 4);
  assertEquals(net.classes, ["0", "1", "2"]);
  release(net);
  forgetPictures();
});

noLeaks("neither the random numbers nor the seed of the caller change a study, nor it theirs", async () => {
  manualSeed(5);
  const first = await studySplits(model, data, { ...quiet, splits: ["5"] });
  const drawn = random.bits();
  manualSeed(6);
  const second = await studySplits(model, data, { ...quiet, splits: ["5"] });
  assertEquals(timeless(first), timeless(second));
  manualSeed(5);
  assertEquals(random.bits(), drawn);
  forgetPictures();
});

noLeaks("AnB starts the part above from random values, AnB+ trains the part below too", async () => {
  const nets: nn.Module[] = [];
  manualSeed(1);
  const trained = network();
  const pretrained = trained.stateDict();
  const make = () => {
    const net = network();
    net.loadStateDict(pretrained);
    nets.push(net);
    return net;
  };
  const options = { ...quiet, splits: ["5"], epochs: 1, learningRate: 1e-9 };
  const study = await studySplits(make, pictures(), { ...options, reinit: ["pretrained", "AnB", "AnB+"] });
  assertEquals(study.rows.map(({ label }) => label), ["5", "5 (AnB)", "5 (AnB+)"]);
  const [, kept, random, tuned] = nets; // the first one tells the stages
  const values = async (net: nn.Module, name: string) => {
    const state = net.stateDict();
    const found = [...await state.get(name)!.data() as Float32Array];
    release(state);
    return found;
  };
  for (const [name, at] of [["0.weight", "below"], ["5.weight", "above"]] as const) {
    const was = [...await pretrained.get(name)!.data() as Float32Array];
    const distance = async (net: nn.Module) =>
      Math.max(...(await values(net, name)).map((x, i) => Math.abs(x - was[i])));
    assert(await distance(kept) < 1e-6);
    assertEquals(await distance(random) > 1e-3, at === "above");
    assertEquals(await distance(tuned) > 1e-3, at === "above");
  }
  assertEquals(tuned.parameters().every(({ requiresGrad }) => requiresGrad), true);
  assertEquals(random.get("0").frozen, true);
  assertStringIncludes(toText(study.spec() as never), "above from random (AnB)");
  release(...nets, trained, pretrained);
  forgetPictures();
});

noLeaks("the same call with the same folder computes nothing again; more seeds and splits are added", async () => {
  const folder = await Deno.makeTempDir();
  let made = 0;
  const counting = () => {
    made++;
    const net = network();
    all.push(net);
    return net;
  };
  const all: nn.Module[] = [];
  const split = pictures();
  const first = await studySplits(counting, split, { ...quiet, splits: ["5", "7"], folder });
  const before = made;
  const again = await studySplits(counting, split, { ...quiet, splits: ["5", "7"], folder });
  assertEquals(made - before, 1); // the one that tells the stages
  assertEquals(timeless(again), timeless(first));
  const more = await studySplits(counting, split, { ...quiet, splits: ["1", "5", "7"], seeds: 2, folder });
  assertEquals(made - before, 2 + 4);
  assertEquals(more.rows.find(({ until }) => until === "5")!.curves[0], first.rows[0].curves[0]);
  await assertRejects(
    async () => await studySplits(counting, split, { ...quiet, epochs: 5, splits: ["5"], folder }),
    Error,
    `Cannot go on with the study in "${folder}": expected the same one, found epochs 3 instead of 5; call it as it was begun, ` +
      "or give another folder",
  );
  await Deno.remove(folder, { recursive: true });
  release(...all);
  forgetPictures();
});

noLeaks("stop keeps what is done, and the same call goes on from there", async () => {
  const [folder, other] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const whole = await studySplits(model, data, { ...quiet, epochs: 6, splits: ["1", "5"], folder: other });
  const stop = new AbortController();
  const slow = experiment({}, { delay: 20 });
  const running = studySplits(slow.model, slow.data, {
    ...quiet,
    epochs: 6,
    splits: ["1", "5"],
    folder,
    signal: stop.signal,
  });
  setTimeout(() => stop.abort(), 250);
  const half = await running;
  assert(half.facts.stopped && half.facts.epochsSpent < 12, `spent ${half.facts.epochsSpent} epochs`);
  const rest = await studySplits(slow.model, slow.data, { ...quiet, epochs: 6, splits: ["1", "5"], folder });
  assertEquals(timeless(rest), timeless(whole));
  for (const path of [folder, other]) await Deno.remove(path, { recursive: true });
  forgetPictures();
});

/** The study in a process that is killed after so many ms; without, it ends by itself and tells the result. */
async function work(folder: string, search: string, killAfter?: number): Promise<SplitStudy | undefined> {
  const script = fileURLToPath(new URL("study_worker.ts", import.meta.url));
  const said = await lastWords(script, [folder, search], { killAfter });
  return said === undefined ? undefined : { toJSON: () => JSON.parse(said) } as SplitStudy;
}

for (const search of ["grid", "halving"]) {
  Deno.test(`a study that is killed at random moments and resumed has the result of one that never was (${search})`, async () => {
    const [whole, broken] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
    const expected = timeless((await work(whole, search))!);
    const moments: number[] = [];
    let found: SplitStudy | undefined;
    while (!found && moments.length < 5) {
      moments.push(Math.round(Math.random() * 1200));
      found = await work(broken, search, moments.at(-1));
    }
    found ??= await work(broken, search);
    assertEquals(timeless(found!), expected, `killed after ${moments} ms`);
    for (const folder of [whole, broken]) await Deno.remove(folder, { recursive: true });
  });
}

noLeaks("two workers find what this process finds", async () => {
  const alone = await studySplits(model, data, { ...quiet, splits, seeds: 2 });
  const together = await studySplits(model, data, { ...quiet, splits, seeds: 2, workers: 2 });
  for (const [i, row] of together.rows.entries()) {
    for (const [k, { history }] of row.curves.entries()) {
      history.forEach((epoch, e) => assertAlmostEquals(epoch.loss, alone.rows[i].curves[k].history[e].loss, 1e-5));
    }
  }
  const net = await together.best();
  const { accuracy } = await evaluate(net, pictures().validation, { batchSize: 15 });
  assert(accuracy >= together.bestSplit!.accuracy.mean - 1e-9);
  release(net);
  forgetPictures();
});

noLeaks("halving trains less than the grid, and says what it left out", async () => {
  const made: nn.Module[] = [];
  const make = () => {
    const conv = () => [new nn.Conv2d(8, 8, 3, { padding: 1 }), new nn.ReLU()];
    const [first, ...others] = [new nn.Conv2d(3, 8, 3, { padding: 1 }), new nn.ReLU(), ...conv(), ...conv(), ...conv()];
    made.push(new nn.Sequential(first, ...others, new nn.AdaptiveAvgPool2d(1), new nn.Flatten(), new nn.Linear(8, 3)));
    return made.at(-1)!;
  };
  const study = await studySplits(make, pictures(), { ...quiet, epochs: 8, search: "halving" });
  assertEquals(study.rows.map(({ until }) => until), ["0", "2", "4", "6", "10"]);
  assert(study.facts.epochsSpent < 5 * 8, `spent ${study.facts.epochsSpent}`);
  assert(study.rows.at(-1)!.complete, "the head alone costs nothing");
  assert(study.rows.some(({ complete }) => complete));
  const out = study.rows.filter(({ complete }) => !complete);
  assert(out.length > 0);
  for (const { leftOut, epochs, label } of out) {
    assertEquals(leftOut!.after, epochs);
    assertStringIncludes(toText(study.spec() as never), `${label}: left out after ${epochs} epoch`);
  }
  assert(study.rows.filter(({ until }) => until !== "0").every(({ probe }) => probe! >= 0 && probe! <= 1));
  assertEquals(study.rows.find(({ until }) => until === "0")!.probe, undefined); // nothing is below it
  release(...made);
  forgetPictures();
});

noLeaks("a rate is found for each split", async () => {
  const study = await studySplits(model, data, { ...quiet, learningRate: "find", splits: ["5", "7"] });
  for (const { learningRate } of study.rows) assert(learningRate! > 0 && learningRate! < 10);
  assertStringIncludes(toText(study.spec() as never), "learning rate");
  forgetPictures();
});

noLeaks("a training that breaks down is told, and the others go on", async () => {
  const study = await studySplits(model, data, { ...quiet, optimizer: "sgd", splits: ["5"], learningRate: 1e30 });
  const [row] = study.rows;
  assertStringIncludes(row.error!, "Cannot go on training: the loss became");
  assertStringIncludes(String(study), row.accuracy.count ? "broke" : "No split has been trained yet");
  forgetPictures();
});

noLeaks("no training begins after the budget", async () => {
  const study = await studySplits(model, data, { ...quiet, splits, seeds: 2, budget: 1e-6 });
  assertEquals([study.facts.epochsSpent, study.facts.stopped], [0, true]);
  await assertRejects(
    () => study.best(),
    Error,
    "Cannot give the best network: expected a split that was trained, found none",
  );
  forgetPictures();
});

noLeaks("the result becomes JSON and CSV, and shows its table, plots and the freeze map", async () => {
  const study = await studySplits(model, data, { ...quiet, splits: ["5", "7"], seeds: 2 });
  assert(study instanceof SplitStudy);
  const lines = study.toCSV().trim().split("\n");
  assertEquals(lines.length, 3);
  assertStringIncludes(lines[0], "until,start,trainable,accuracy,deviation,seeds,epochs");
  assertEquals((study.toJSON() as { best: string }).best, study.bestSplit!.label);
  const spec = await study.spec();
  assert(spec.kind === "stack");
  assertEquals(spec.items.map(({ kind }) => kind), ["text", "chart", "table", "chart", "blocks"]);
  assertStringIncludes(await toHtml(spec), "The best split");
  assertStringIncludes(study.summary, "mean of 2 seeds");
  forgetPictures();
});

noLeaks("what cannot be studied is refused before anything is computed", async () => {
  const net = network();
  // deno-lint-ignore no-explicit-any
  const refused = (what: unknown, options: unknown, kind: new (...given: any[]) => Error, text: string) =>
    assertThrows(() => studySplits(what as never, data, options as SplitOptions), kind, text);
  refused(net, {}, TypeError, "Cannot study: expected what each trial's network can be made from");
  refused(model, { epoch: 3 }, TypeError, "Cannot study splits: expected options { splits, search");
  refused(
    model,
    { search: "random" },
    RangeError,
    'Cannot study splits: expected search to be "grid" or "halving", found "random"',
  );
  refused(model, { epochs: 0 }, RangeError, "Cannot study splits: expected epochs to be a whole number ≥ 1, found 0");
  refused(
    model,
    { seeds: 0 },
    RangeError,
    "Cannot study splits: expected seeds to be how many (≥ 1), or a list of whole numbers, found 0",
  );
  refused(
    model,
    { learningRate: "big" },
    RangeError,
    'Cannot study splits: expected learningRate to be a number above 0 or "find", found "big"',
  );
  refused(
    model,
    { reinit: "BnA" },
    RangeError,
    'Cannot study splits: expected reinit to be true, false, "pretrained", "AnB", "AnB+"',
  );
  refused(
    model,
    { search: "halving", reinit: ["AnB", "AnB+"] },
    RangeError,
    "Cannot study splits: expected one way to start where the search halves",
  );
  refused(
    model,
    { budget: -1 },
    RangeError,
    "Cannot study splits: expected budget to be a number of seconds above 0, found -1",
  );
  await assertRejects(
    async () => await studySplits(model, data, { ...quiet, splits: ["layer9"] }),
    RangeError,
    'Cannot freeze until "layer9": expected one of the stages 0, 1, 2, 3, 4, 5, 6, 7, found "layer9"',
  );
  await assertRejects(
    async () => await studySplits(() => net, data, quiet),
    TypeError,
    "expected the function to make another network each time, found the one that an earlier trial has trained",
  );
  await assertRejects(
    async () => await studySplits(() => network(), pictures(), { ...quiet, workers: 2 }),
    TypeError,
    "Cannot study with workers: expected a network and data that can be made again in another process",
  );
  await assertRejects(
    async () => await studySplits(model, { ...pictures(), validation: undefined } as never, quiet),
    TypeError,
    "Cannot study: expected data with a training and a validation part",
  );
  release(net);
  forgetPictures();
});
