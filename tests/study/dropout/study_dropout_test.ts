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
import * as nn from "../../../lib/nn/mod.ts";
import { type DropoutOptions, DropoutStudy, studyDropout } from "../../../lib/study/mod.ts";
import { evaluate, fit } from "../../../lib/training/mod.ts";
import { lastWords } from "../../killed_process.ts";
import { noLeaks, release } from "../../tensors.ts";
import { experiment, forgetPictures, network, pictures } from "../workers/small.ts";

const { model, data } = experiment();
const quiet = { display: false, epochs: 3, seeds: 2, batchSize: 15, learningRate: 0.02 } satisfies DropoutOptions;

/** A study with what differs from one computation to the next left out. */
function timeless(study: DropoutStudy): unknown {
  const json = JSON.stringify(study, (name, value) => /^(seconds|peakBytes|folder)$/.test(name) ? undefined : value);
  return JSON.parse(json);
}

/** The rates of all dropout layers. */
function ratesOf(net: nn.Module): number[] {
  return net.modules().flatMap((module) => module instanceof nn.DropoutLayer ? [module.p] : []);
}

/** A network without dropout. */
function bare(): nn.Module {
  return new nn.Sequential({ flatten: new nn.Flatten(), hidden: new nn.Linear(108, 8), fc: new nn.Linear(8, 3) });
}

noLeaks("each rate's curve is that of a plain training with this rate, judged after the last epoch", async () => {
  const study = await studyDropout(model, data, { ...quiet, rates: [0, 0.5], seeds: [3, 4] });
  assert(study instanceof DropoutStudy);
  assertEquals(study.rows.map(({ label, setting }) => [label, setting.rate]), [["p=0", 0], ["p=0.5", 0.5]]);
  const split = pictures();
  for (const { setting, runs, training, accuracy } of study.rows) {
    const last: number[] = [];
    for (const { seed, history } of runs) {
      manualSeed(seed);
      const net = network();
      net.get("6", nn.Dropout).p = setting.rate;
      const { seeds: _, ...how } = quiet;
      const run = await fit(net, split, { ...how, optimizer: "adam", seed, cache: false, restoreBest: false });
      history.forEach((epoch, i) => assertAlmostEquals(epoch.loss, run.history[i].loss, 1e-5));
      last.push((await evaluate(net, split.train, { batchSize: 15 })).accuracy);
      release(net, run.best!.stateDict);
    }
    assertAlmostEquals(training.mean, (last[0] + last[1]) / 2, 1e-9);
    assertAlmostEquals(
      accuracy.mean,
      (runs[0].history[2].validationAccuracy! + runs[1].history[2].validationAccuracy!) / 2,
    );
  }
  forgetPictures();
});

noLeaks("the same seeds give the same study; best() has the best rate's dropout", async () => {
  const options = { ...quiet, rates: [0, 0.5, 0.8] };
  const study = await studyDropout(model, data, options);
  manualSeed(99);
  assertEquals(timeless(await studyDropout(model, data, options)), timeless(study));
  const histories = study.rows.map(({ runs }) => runs.map(({ history }) => history.map(({ loss }) => loss)));
  assert(
    histories[0][0][0] !== histories[1][0][0] && histories[1][0][0] !== histories[2][0][0],
    "rates change nothing",
  );
  const best = await study.best();
  assertEquals(ratesOf(best), [study.bestSetting!.setting.rate]);
  assertEquals(best.classes, ["0", "1", "2"]);
  const worst = await study.best(study.rows[2]);
  assertEquals(ratesOf(worst), [0.8]);
  release(best, worst);
  forgetPictures();
});

noLeaks("sizes are how many pictures each training sees, of each class its share", async () => {
  const made: nn.Module[] = [];
  const seen = new Map<nn.Module, number>();
  const make = () => {
    const net = network();
    nn.onForward(net, ({ isTraining }, x) => isTraining && seen.set(net, (seen.get(net) ?? 0) + x.shape[0]));
    made.push(net);
    return net;
  };
  const study = await studyDropout(make, pictures(), { ...quiet, rates: [0.2, 0.5], sizes: [45, 12], seeds: 1 });
  assertEquals(study.rows.map(({ label }) => label), [
    "p=0.2, 12 pictures",
    "p=0.5, 12 pictures",
    "p=0.2, 45 pictures",
    "p=0.5, 45 pictures",
  ]);
  assertEquals(made.slice(1).map((net) => seen.get(net)), [36, 36, 135, 135]); // the first one only tells what there is
  for (const { training, setting } of study.rows) {
    assertAlmostEquals(training.mean * setting.size!, Math.round(training.mean * setting.size!), 1e-6);
  }
  assertStringIncludes(study.facts.note!, "the network is made by a function of this process");
  release(...made);
  forgetPictures();
});

noLeaks("dropout in a frozen part is off: every rate comes to the same, and the study says why", async () => {
  const study = await studyDropout(model, data, { ...quiet, rates: [0, 0.5, 0.8], until: "7" });
  const [none, ...others] = study.rows.map(({ runs }) => runs.map(({ history }) => history.map(({ loss }) => loss)));
  for (const other of others) assertEquals(other, none);
  assertEquals(study.place, { layers: ["6"], frozen: ["6"] });
  assertStringIncludes(String(study), 'Dropout in "6". Frozen, and so off: all of it.');
  // the same layer above the cut
  const above = await studyDropout(model, data, { ...quiet, rates: [0, 0.5], seeds: 1, until: "5" });
  assert(above.rows[0].runs[0].history[0].loss !== above.rows[1].runs[0].history[0].loss);
  assertEquals(above.place.frozen, []);
  forgetPictures();
});

noLeaks("where: a network without dropout gets it before its last nn.Linear; names say otherwise", async () => {
  const made: nn.Module[] = [];
  const make = () => {
    made.push(bare());
    return made.at(-1)!;
  };
  const options = { ...quiet, rates: [0.5], epochs: 1, seeds: 1 };
  const study = await studyDropout(make, pictures(), options);
  assertEquals(study.place, { layers: ["fc.0"], frozen: [], putBefore: "fc" });
  assertStringIncludes(
    String(study),
    'The network has no dropout of its own: it was put before its last nn.Linear, "fc".',
  );
  const named = await studyDropout(make, pictures(), { ...options, where: ["hidden", "fc"], type: "AlphaDropout" });
  assertEquals(named.place, { layers: ["hidden.0", "fc.0"], frozen: [] });
  const best = await named.best();
  assertEquals(best.get("hidden.0", nn.AlphaDropout).p, 0.5);
  release(...made, best);
  forgetPictures();
});

noLeaks("the same call with the same folder computes nothing again; rates, sizes and seeds are added", async () => {
  const folder = await Deno.makeTempDir();
  const first = await studyDropout(model, data, { ...quiet, rates: [0.5], seeds: 1, folder });
  const more = await studyDropout(model, data, { ...quiet, rates: [0, 0.5], seeds: 2, folder });
  assertEquals(more.rows[1].runs[0], first.rows[0].runs[0]); // its seconds too
  const again = await studyDropout(model, data, { ...quiet, rates: [0, 0.5], seeds: 2, folder });
  assertEquals(again.rows, more.rows);
  await assertRejects(
    async () => await studyDropout(model, data, { ...quiet, epochs: 4, folder }),
    Error,
    `Cannot go on with the study in "${folder}": expected the same one, found epochs 3 instead of 4`,
  );
  await Deno.remove(folder, { recursive: true });
  forgetPictures();
});

noLeaks("stop keeps what is done, and the same call goes on from there", async () => {
  const folder = await Deno.makeTempDir();
  const options = { ...quiet, epochs: 6, rates: [0, 0.5], seeds: 1 };
  const whole = await studyDropout(model, data, options);
  const stop = new AbortController();
  const slow = experiment({}, { delay: 20 });
  const running = studyDropout(slow.model, slow.data, { ...options, folder, signal: stop.signal });
  setTimeout(() => stop.abort(), 250);
  const half = await running;
  assert(half.facts.stopped && half.facts.epochsSpent < 12, `spent ${half.facts.epochsSpent} epochs`);
  const rest = await studyDropout(slow.model, slow.data, { ...options, folder });
  assertEquals(timeless(rest), timeless(whole));
  await Deno.remove(folder, { recursive: true });
  forgetPictures();
});

/** The study in a process that is killed after so many ms; without, it ends by itself and tells the result. */
async function work(folder: string, killAfter?: number): Promise<DropoutStudy | undefined> {
  const script = fileURLToPath(new URL("study_worker.ts", import.meta.url));
  const said = await lastWords(script, [folder], { killAfter });
  return said === undefined ? undefined : { toJSON: () => JSON.parse(said) } as DropoutStudy;
}

Deno.test("a study that is killed at random moments and resumed has the result of one that never was", async () => {
  const [whole, broken] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const expected = timeless((await work(whole))!);
  const moments: number[] = [];
  let found: DropoutStudy | undefined;
  while (!found && moments.length < 2) {
    moments.push(Math.round(Math.random() * 800));
    found = await work(broken, moments.at(-1));
  }
  found ??= await work(broken);
  assertEquals(timeless(found!), expected, `killed after ${moments} ms`);
  for (const folder of [whole, broken]) await Deno.remove(folder, { recursive: true });
});

noLeaks("a worker finds what this process finds", async () => {
  const options = { ...quiet, rates: [0, 0.5], sizes: [15], seeds: 1 };
  const alone = await studyDropout(model, data, options);
  const together = await studyDropout(model, data, { ...options, workers: 1 });
  assertEquals(timeless(together), timeless(alone));
  forgetPictures();
});

noLeaks("the result becomes JSON and CSV, and shows a sentence, plots, a table and curves", async () => {
  const study = await studyDropout(model, data, { ...quiet, rates: [0, 0.5], sizes: [15, 45] });
  const [names, ...lines] = study.toCSV().trim().split("\n");
  assertEquals(names.split(",").slice(0, 4).join(), "rate,size,where,type");
  assertEquals(lines.map((line) => line.split(",").slice(0, 2).join()), ["0,15", "0.5,15", "0,45", "0.5,45"]);
  const json = study.toJSON() as { best: string; place: { layers: string[] }; settings: unknown[] };
  assertEquals([json.best, json.place.layers, json.settings.length], [study.bestSetting!.label, ["6"], 4]);
  const spec = study.spec();
  assert(spec.kind === "stack");
  assertEquals(spec.items.map(({ kind }) => kind), ["text", "chart", "chart", "table", "chart", "chart"]);
  const text = toText(spec);
  for (const part of ["With 15 training pictures, p=", "Dropout in Sequential on pictures", "Rates of dropout"]) {
    assertStringIncludes(text, part);
  }
  assertStringIncludes(await toHtml(spec), "validation accuracy");
  assertStringIncludes(study.summary, "mean of 2 seeds");
  forgetPictures();
});

noLeaks("no training begins after the budget", async () => {
  const study = await studyDropout(model, data, { ...quiet, budget: 1e-6 });
  assertEquals([study.facts.epochsSpent, study.facts.stopped], [0, true]);
  assertStringIncludes(String(study), "No rate has been trained to the end yet.");
  await assertRejects(() => study.best(), Error, "expected a setting that was trained to the end, found none");
  forgetPictures();
});

noLeaks("what cannot be studied is refused before anything is computed", async () => {
  const net = network();
  const refused = (options: unknown, kind: new (...given: never[]) => Error, text: string) =>
    assertThrows(() => studyDropout(model, data, options as DropoutOptions), kind as typeof Error, text);
  assertThrows(() => studyDropout(net as never, data), TypeError, "Cannot study: expected what each trial's network");
  refused({ rate: 0.5 }, TypeError, "Cannot study dropout: expected options { rates, where, type, sizes, until,");
  const rates = "Cannot study dropout: expected rates to be probabilities from 0 to below 1, such as [0, 0.5], found";
  refused({ rates: [0, 1] }, RangeError, `${rates} [0,1]`);
  refused({ rates: [] }, RangeError, `${rates} []`);
  refused({ rates: 0.5 }, RangeError, `${rates} 0.5`);
  refused({ rates: ["0.5"] }, RangeError, `${rates} ["0.5"]`);
  const sizes = "Cannot study dropout: expected sizes to be numbers of training pictures, such as [100, 400], found";
  refused({ sizes: [] }, RangeError, `${sizes} []`);
  refused({ sizes: [12.5] }, RangeError, `${sizes} [12.5]`);
  refused(
    { where: [] },
    RangeError,
    'Cannot study dropout: expected where to be the name of a layer, such as "fc", or a list of names, found []',
  );
  refused(
    { type: "Dropout3d" },
    RangeError,
    'Cannot study dropout: expected type to be "Dropout", "Dropout2d" or "AlphaDropout", found "Dropout3d"',
  );
  refused(
    { until: 5 },
    RangeError,
    'Cannot study dropout: expected until to be the name of a stage, such as "fc", found 5',
  );
  refused(
    { learningRate: 0 },
    RangeError,
    "Cannot study dropout: expected learningRate to be a number above 0, found 0",
  );
  const rejected = (options: DropoutOptions, text: string) =>
    assertRejects(async () => await studyDropout(model, data, { ...quiet, ...options }), RangeError, text);
  const range =
    "Cannot study dropout: expected sizes from 3 (one of each class) to 45 (all that there are to train with)";
  await rejected({ sizes: [2, 15] }, `${range}, found 2`);
  await rejected({ sizes: [15, 46] }, `${range}, found 46`);
  await rejected({ where: "head" }, 'Cannot set dropout at "head": expected');
  const other = () => new nn.Sequential(new nn.Flatten());
  await assertRejects(
    async () => await studyDropout(other, data, quiet),
    TypeError,
    "Cannot study dropout of Sequential: expected dropout layers, or an nn.Linear to put one before, found neither; " +
      'say before which layer to put one: { where: "NAME" }',
  );
  await rejected({ until: "9" }, 'Cannot freeze until "9": expected one of the stages 0, 1, 2, 3, 4, 5, 6, 7');
  release(net);
  forgetPictures();
});
