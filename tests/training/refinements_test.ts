import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors, type LabelledDataset } from "../../lib/data/mod.ts";
import { manualSeed } from "../../lib/engine/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import {
  Adam,
  cosine,
  type Epoch,
  evaluate,
  fit,
  type FitOptions,
  learningCurves,
  macroF1,
  type Metric,
  oneCycle,
  type Run,
  type Schedule,
  SGD,
  topK,
} from "../../lib/training/mod.ts";
import { noLeaks, release } from "../tensors.ts";

const quiet = { display: false, seed: 3, optimizer: "sgd", learningRate: 0.1, batchSize: 4, cache: false } as const;

/** Points of three classes, 30 in all, with a validation part. */
function points(): { x: tf.Tensor2D; dataset: LabelledDataset } {
  const noise = Array.from({ length: 30 }, (_, i) => [Math.sin(i), Math.cos(2 * i), Math.sin(3 * i), Math.cos(5 * i)]);
  const labels = noise.map((_, i) => i % 3);
  const x = tf.tensor2d(noise.map((row, i) => row.map((value, j) => value / 2 + (labels[i] === j ? 1.5 : 0))));
  return { x, dataset: fromTensors(x, labels, { name: "points" }) };
}

function network(): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 3));
}

async function weights(model: nn.Module): Promise<number[]> {
  const state = model.stateDict();
  const values = await Promise.all([...state].map(async ([, entry]) => [...await entry.data() as Float32Array]));
  release(state);
  return values.flat();
}

/** Trains a fresh network and gives what came of it. */
async function trained(options: FitOptions): Promise<{ run: Run; weights: number[] }> {
  const { x, dataset } = points();
  const model = network();
  const run = await fit(model, dataset.split({ validation: 0.2, seed: 1 }), {
    ...quiet,
    restoreBest: false,
    ...options,
  });
  const found = { run, weights: await weights(model) };
  release(model);
  if (run.best) release(run.best.stateDict);
  x.dispose();
  return found;
}

function assertNear(found: number[], expected: number[], tolerance: number): void {
  assertEquals(found.length, expected.length);
  found.forEach((value, i) => assertAlmostEquals(value, expected[i], tolerance, `number ${i}`));
}

noLeaks("a schedule sets each step's rate, the history tells it, and the optimizer gets its own back", async () => {
  const { x, dataset } = points();
  const model = network();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.2 });
  const rates: number[] = [];
  const run = await fit(model, dataset, {
    display: false,
    epochs: 2,
    batchSize: 8,
    optimizer,
    schedule: cosine({ warmup: 2, warmupFrom: 0.5 }),
    onStep: ({ learningRate }) => void rates.push(learningRate),
  });
  const expected = [0.1, 0.15, ...[0, 1, 2, 3, 4, 5].map((i) => 0.1 * (1 + Math.cos(Math.PI * i / 6)))];
  assertNear(rates, expected, 1e-9);
  assertEquals(run.history.map(({ learningRate }) => learningRate), [rates[3], rates[7]]);
  assertEquals(optimizer.groups[0].learningRate, 0.2);
  assertEquals(learningCurves(run.history).panels.at(-1)!.series[0].y, [rates[3], rates[7]]);
  optimizer.dispose();
  release(model, run.best!.stateDict);
  x.dispose();
});

noLeaks("one cycle moves the momentum of any optimizer, which has its own afterwards", async () => {
  const { x, dataset } = points();
  const model = network();
  const sgd = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.5 });
  const adam = new Adam(model.parameters(), { learningRate: 0.1, betas: [0.7, 0.9] });
  for (const [optimizer, now] of [[sgd, () => sgd.momentum], [adam, () => adam.betas[0]]] as const) {
    const seen: number[] = [];
    const schedule = oneCycle({ rise: 0.5, momentum: [0.8, 0.9] });
    const onStep = () => void seen.push(now());
    const run = await fit(model, dataset, { display: false, epochs: 1, batchSize: 3, optimizer, schedule, onStep });
    assertEquals([seen.length, ...[seen[0], seen[4], seen[9]].map((one) => +one.toFixed(9))], [10, 0.9, 0.8, 0.9]);
    release(run.best!.stateDict);
  }
  assertEquals([sgd.momentum, adam.betas], [0.5, [0.7, 0.9]]);
  for (const optimizer of [sgd, adam]) optimizer.dispose();
  release(model);
  x.dispose();
});

noLeaks("a run that was stopped within an epoch goes on with the same rates, mixes and gathered batches", async () => {
  const folder = await Deno.makeTempDir();
  const plan: FitOptions = { epochs: 4, accumulate: 2, mixup: 0.3, schedule: "oneCycle", clip: { norm: 1 } };
  const whole = await trained(plan);
  let steps = 0;
  const onStep = (_: unknown, run: Run) => ++steps === 9 ? run.stop() : undefined;
  const stopped = await trained({ ...plan, checkpoint: folder, onStep });
  assertEquals([stopped.run.state, steps], ["stopped", 10]);
  const resumed = await trained({ ...plan, checkpoint: folder, resume: true });
  assertNear(resumed.weights, whole.weights, 1e-6);
  for (const key of ["loss", "learningRate", "validationLoss"] as const) {
    const [found, expected] = [resumed, whole].map(({ run }) => run.history.map((epoch) => epoch[key]!));
    assertNear(found, expected, 1e-6);
  }
  await Deno.remove(folder, { recursive: true });
});

noLeaks("a plateau lowers the rate when the validation loss does not fall", async () => {
  const { run } = await trained({ epochs: 5, learningRate: 1e-12, schedule: "plateau" });
  assertEquals(run.history.map(({ learningRate }) => Math.round(Math.log10(learningRate))), [-12, -12, -12, -12, -13]);
});

noLeaks("accumulated small batches give the losses and weights of large ones", async () => {
  for (const more of [{}, { classWeights: [0.5, 1, 3], labelSmoothing: 0.1 }] as FitOptions[]) {
    const large = await trained({ ...more, epochs: 3, batchSize: 10 });
    const small = await trained({ ...more, epochs: 3, batchSize: 2, accumulate: 5 });
    assertNear(small.weights, large.weights, 1e-5);
    if (!more.classWeights) {
      assertNear(small.run.history.map(({ loss }) => loss), large.run.history.map(({ loss }) => loss), 1e-5);
    }
  }
});

noLeaks("a clipped step is no longer than its limit; a limit that is not reached changes nothing", async () => {
  const model = network();
  const start = await weights(model);
  release(model);
  const step = { epochs: 1, batchSize: 100, learningRate: 1, optimizer: "sgd" } as const;
  const short = await trained({ ...step, clip: { norm: 0.01 } });
  assertAlmostEquals(Math.hypot(...short.weights.map((value, i) => value - start[i])), 0.01, 1e-5);
  const narrow = await trained({ ...step, clip: { value: 0.002 } });
  assertAlmostEquals(Math.max(...narrow.weights.map((value, i) => Math.abs(value - start[i]))), 0.002, 1e-6);
  assertEquals((await trained({ ...step, clip: { norm: 1e6, value: 1e6 } })).weights, (await trained(step)).weights);
});

noLeaks("class weights: balanced ones of equal classes are none; a class without weight is not learnt", async () => {
  const plain = await trained({ epochs: 2 });
  assertNear((await trained({ epochs: 2, classWeights: "balanced" })).weights, plain.weights, 1e-5);
  const two = await trained({ epochs: 30, classWeights: [1, 1, 0], batchSize: 12, metrics: { f1: macroF1() } });
  assert(two.run.history.at(-1)!.validationAccuracy! < 0.7, "one class in three is never right");
});

noLeaks("mixup is seeded, changes the training and not the validation, and still learns", async () => {
  const [a, b, plain] = [await trained({ mixup: 0.4 }), await trained({ mixup: 0.4 }), await trained({})];
  assertEquals(a.weights, b.weights);
  assert(a.run.history[0].loss !== plain.run.history[0].loss);
  const { run } = await trained({ mixup: 0.4, epochs: 40 });
  assertEquals(run.history.at(-1)!.validationAccuracy, 1);
  assert(run.history.at(-1)!.validationLoss! < run.history.at(-1)!.loss, "mixed samples are harder");
});

noLeaks("early stopping ends a run that no longer gets better", async () => {
  const { run } = await trained({ epochs: 20, learningRate: 1e-12, earlyStopping: { patience: 2, minDelta: 0.01 } });
  assertEquals([run.history.length, run.state], [3, "finished"]);
});

noLeaks("metrics are measured on the validation data and are in the history", async () => {
  const { run } = await trained({
    epochs: 2,
    metrics: { top2: topK(2), f1: macroF1(), mine: ({ labels }) => labels.length },
  });
  const { metrics } = run.history[1];
  assertEquals(Object.keys(metrics!), ["top2", "f1", "mine"]);
  const panels = learningCurves(run.history).panels.map(({ yLabel }) => yLabel);
  assertEquals(panels, ["loss", "accuracy", "validation metrics"]);
  assertEquals(metrics!.mine, 6);
  assert(metrics!.top2 >= run.history[1].validationAccuracy!);
  assert(
    run.history.toCSV().startsWith(
      "epoch,loss,accuracy,validationLoss,validationAccuracy,learningRate,seconds,top2,f1,mine\n",
    ),
  );
});

noLeaks("callbacks see each epoch and step, are waited for, and may stop the run", async () => {
  const seen: string[] = [];
  const { run } = await trained({
    epochs: 9,
    batchSize: 12,
    onStep: ({ epoch, batch }) => void seen.push(`${epoch}.${batch}`),
    onEpoch: async ({ epoch }, run) => {
      await new Promise((done) => setTimeout(done, 1));
      seen.push(`epoch ${epoch}`);
      if (epoch === 2) run.stop();
    },
  });
  assertEquals(seen, ["1.1", "1.2", "epoch 1", "2.1", "2.2", "epoch 2"]);
  assertEquals([run.state, run.history.length], ["stopped", 2]);
});

noLeaks("an error in a callback ends the run and is told", async () => {
  const { x, dataset } = points();
  const model = network();
  const failing = fit(model, dataset, { ...quiet, onStep: () => Promise.reject(new Error("mine")) });
  await assertRejects(() => Promise.resolve(failing), Error, "mine");
  assertEquals(failing.state, "failed");
  const seen: Epoch[] = [];
  const looped = fit(model, dataset, { ...quiet, onEpoch: () => Promise.reject(new Error("mine too")) });
  await assertRejects(
    async () => {
      for await (const epoch of looped) seen.push(epoch);
    },
    Error,
    "mine too",
  );
  assertEquals(seen.length, 1);
  for (const { best } of [failing, looped]) if (best) release(best.stateDict);
  release(model);
  x.dispose();
});

noLeaks("for await gives every epoch, waits with the training, and stops it when left", async () => {
  const { x, dataset } = points();
  const model = network();
  const training = fit(model, dataset, { ...quiet, epochs: 4 });
  const seen: number[] = [];
  for await (const { epoch } of training) {
    await new Promise((done) => setTimeout(done, 20));
    assertEquals(training.history.length, epoch);
    seen.push(epoch);
  }
  assertEquals([seen, training.state], [[1, 2, 3, 4], "finished"]);
  const left = fit(model, dataset, { ...quiet, epochs: 50 });
  for await (const { epoch } of left) if (epoch === 2) break;
  assertEquals([left.state, left.history.length], ["stopped", 2]);
  const late: number[] = [];
  for await (const { epoch } of training) late.push(epoch);
  assertEquals(late, [1, 2, 3, 4]);
  release(model, training.best!.stateDict, left.best!.stateDict);
  x.dispose();
});

Deno.test("options that cannot be are named before anything is computed", () => {
  const { x, dataset } = points();
  const model = network();
  const attempt = (options: unknown) => () => fit(model, dataset, { display: false, ...options as FitOptions });
  const cases: [unknown, ErrorConstructor, string][] = [
    [{ accumulate: 0 }, RangeError, "Cannot fit: expected accumulate to be a whole number ≥ 1, found 0"],
    [{ clip: { norm: 0 } }, RangeError, "Cannot clip gradients: expected norm to be a number above 0, found 0"],
    [{ mixup: -1 }, RangeError, "Cannot fit: expected mixup to be a number ≥ 0, found -1"],
    [
      { earlyStopping: { patience: 0 } },
      RangeError,
      "Cannot fit: expected earlyStopping.patience to be a whole number ≥ 1, found 0",
    ],
    [
      { metrics: { f1: macroF1() } },
      TypeError,
      'Cannot fit: expected validation data for metrics, found none in "points"',
    ],
    [{ onEpoch: 3 }, TypeError, "Cannot fit: expected onEpoch to be a function, found 3"],
    [
      { classWeights: [1, 2] },
      TypeError,
      'Cannot fit: expected classWeights to be "balanced" or 3 numbers, one for each class, found 2',
    ],
    [
      { labelSmoothing: 2 },
      RangeError,
      "Cannot make CrossEntropyLoss: expected labelSmoothing to be a share from 0 to 1, found 2",
    ],
  ];
  for (const [options, type, text] of cases) assertThrows(attempt(options), type, text);
  assertThrows(attempt({ early_stopping: { patience: 2 } }), TypeError, 'found "early_stopping"; write earlyStopping');
  release(model);
  x.dispose();
});

noLeaks("a schedule or a metric without its parentheses is told", async () => {
  const { x, dataset } = points();
  const model = network();
  await assertRejects(
    () => Promise.resolve(fit(model, dataset, { ...quiet, schedule: cosine as unknown as Schedule })),
    TypeError,
    "Cannot set the learning rate: expected the schedule to give a share ≥ 0, found a function; write cosine()",
  );
  await assertRejects(
    () => evaluate(model, dataset, { metrics: { f1: macroF1 as unknown as Metric } }),
    TypeError,
    "Cannot measure f1: expected metrics.f1 to give a number, found a function; write macroF1()",
  );
  release(model);
  x.dispose();
});
