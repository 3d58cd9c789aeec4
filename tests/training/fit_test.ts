import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { type Dataset, fromTensors, type LabelledDataset } from "../../lib/data/mod.ts";
import { manualSeed } from "../../lib/engine/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { Adam, evaluate, fit, freeze, type Run, SGD } from "../../lib/training/mod.ts";
import { inFakeKernel } from "../display/fake_kernel.ts";
import { noLeaks, release } from "../tensors.ts";

const quiet = { display: false, seed: 3 };

/** Small pictures whose class is their brightest channel. */
function pictures(count: number): { images: tf.Tensor4D; dataset: LabelledDataset } {
  manualSeed(5);
  const images = tf.randomUniform([count, 6, 6, 3], -1, 1, "float32", 7) as tf.Tensor4D;
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  const bright = tf.tidy(() => tf.add(images, tf.oneHot(labels, 3).reshape([count, 1, 1, 3]).mul(1.5)) as tf.Tensor4D);
  images.dispose();
  return { images: bright, dataset: fromTensors(bright, labels, { name: "pictures" }) };
}

function network(): nn.Sequential {
  manualSeed(1);
  return new nn.Sequential(
    new nn.Conv2d(3, 8, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Dropout(0.2),
    new nn.Linear(8, 3),
  );
}

function forget(model: nn.Module, run?: Run): void {
  release(model);
  if (run?.best) release(run.best.stateDict);
}

async function values(model: nn.Module): Promise<Map<string, string>> {
  const state = model.stateDict();
  const read = await Promise.all([...state].map(async ([name, entry]) => [name, String(await entry.data())] as const));
  release(state);
  return new Map(read);
}

/** A dataset that notes how many tensors there are whenever a pass over it begins. */
function counting(dataset: Dataset, counts: number[]): Dataset {
  return new Proxy(dataset, {
    get(target, name) {
      if (name !== "batches") return Reflect.get(target, name, target);
      return (options: Parameters<Dataset["batches"]>[0]) => {
        counts.push(tf.memory().numTensors);
        return target.batches(options);
      };
    },
  });
}

noLeaks("fit trains, judges by the validation data, and ends with the best epoch's weights", async () => {
  const { images, dataset } = pictures(90);
  const model = network();
  const split = dataset.split({ validation: 0.3, seed: 1 });
  const run = await fit(model, split, { ...quiet, epochs: 12, learningRate: 0.02, batchSize: 16 });
  assertEquals([run.state, run.history.length, run.history[0].epoch], ["finished", 12, 1]);
  assert(run.history[11].loss < 0.7 * run.history[0].loss, "the loss falls");
  const best = Math.max(...run.history.map(({ validationAccuracy }) => validationAccuracy!));
  assertEquals(run.best!.validationAccuracy, best);
  const state = await values(model);
  for (const [name, entry] of run.best!.stateDict) assertEquals(state.get(name), String(await entry.data()), name);
  assertEquals(model.training, true);
  assertEquals(model.classes, ["0", "1", "2"]);
  forget(model, run);
  images.dispose();
});

noLeaks("the number of tensors is the same at the start of every epoch after the first", async () => {
  const { images, dataset } = pictures(40);
  const model = network();
  const counts: number[] = [];
  const data = { name: "pictures", classes: dataset.classes, train: counting(dataset, counts), validation: dataset };
  const run = await fit(model, data, { ...quiet, epochs: 5 });
  assertEquals(new Set(counts.slice(1)).size, 1, String(counts));
  forget(model, run);
  images.dispose();
});

noLeaks("features of the frozen part give the losses of the plain way, computed once for each sample", async () => {
  const { images, dataset } = pictures(50);
  const split = dataset.split({ validation: 0.2, seed: 1 });
  const histories = [];
  for (const cache of [true, false]) {
    const model = network();
    model.get("5", nn.Dropout).p = 0;
    freeze(model, { until: "5" });
    let samples = 0;
    nn.onForward(model.get("0"), (_module, x) => samples += x.shape[0]);
    const run = await fit(model, split, { ...quiet, epochs: 4, cache });
    assertEquals(samples, cache ? 50 : 4 * 50);
    assertEquals(run.cachedAt, cache ? "5" : undefined);
    histories.push(run.history);
    forget(model, run);
  }
  for (const [i, epoch] of histories[0].entries()) {
    assertAlmostEquals(epoch.loss, histories[1][i].loss, 1e-5);
    assertAlmostEquals(epoch.validationLoss!, histories[1][i].validationLoss!, 1e-5);
  }
  images.dispose();
});

noLeaks("what is frozen keeps every bit, what trains changes, batch norm's statistics among them", async () => {
  const { images, dataset } = pictures(30);
  const model = network();
  freeze(model, { until: "6" });
  const before = await values(model);
  const first = await fit(model, dataset, { ...quiet, epochs: 2, restoreBest: false });
  const changed = async () => [...await values(model)].filter(([name, value]) => before.get(name) !== value);
  assertEquals((await changed()).map(([name]) => name), ["6.weight", "6.bias"]);
  freeze(model, { until: "1" });
  const second = await fit(model, dataset, { ...quiet, epochs: 2, restoreBest: false, cache: false });
  assertEquals((await changed()).map(([name]) => name), [...before.keys()].filter((name) => name !== "0.weight"));
  forget(model, first);
  release(second.best!.stateDict);
  images.dispose();
});

noLeaks("the same seed gives the same losses", async () => {
  const { images, dataset } = pictures(30);
  const losses: number[][] = [];
  for (let i = 0; i < 2; i++) {
    const model = network();
    const run = await fit(model, dataset, { ...quiet, epochs: 2 });
    losses.push(run.history.map(({ loss }) => loss));
    forget(model, run);
  }
  losses[0].forEach((loss, i) => assertAlmostEquals(loss, losses[1][i], 1e-6));
  images.dispose();
});

noLeaks("stop ends the training after the step and keeps the history", async () => {
  const { images, dataset } = pictures(60);
  const model = network();
  const running = fit(model, dataset, { ...quiet, epochs: 10_000, batchSize: 4 });
  while (running.history.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const run = await running.stop();
  assertEquals(run.state, "stopped");
  assert(run.history.length >= 2 && run.history.length < 10_000);
  release(run.best!.stateDict);

  const aborted = await fit(model, dataset, { ...quiet, signal: AbortSignal.abort() });
  assertEquals([aborted.state, aborted.history.length], ["stopped", 0]);
  forget(model);
  images.dispose();
});

noLeaks("a loss that is no number ends the training, naming the step", async () => {
  const { images, dataset } = pictures(30);
  const model = network();
  await assertRejects(
    async () => await fit(model, dataset, { ...quiet, optimizer: "sgd", learningRate: 1e30, batchSize: 10 }),
    Error,
    "Cannot go on training: the loss became NaN at batch 2 of epoch 1; lower the learning rate (it is 1e+30), or look " +
      "for broken samples in that batch",
  );
  forget(model);
  images.dispose();
});

noLeaks("where training fails the network has its best weights again, and the error has the history", async () => {
  const { images, dataset } = pictures(30);
  const model = network();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.05 });
  const running = fit(model, dataset, { ...quiet, epochs: 10_000, optimizer });
  while (running.history.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  optimizer.groups[0].learningRate = 1e30;
  const error = await assertRejects(async () => await running, Error, "Cannot go on training: the loss became NaN");
  const { run } = error as Error & { run: Run };
  assertEquals([run.state, run.history.length >= 3], ["failed", true]);
  const state = await values(model);
  for (const [name, entry] of run.best!.stateDict) assertEquals(state.get(name), String(await entry.data()), name);
  forget(model, run);
  images.dispose();
});

/** A part of a network that fails in the second batch, there or in its gradient, as one does for want of memory. */
class Failing extends nn.Module {
  #calls = 0;

  constructor(readonly backward = false) {
    super();
  }

  override forward(x: tf.Tensor): tf.Tensor {
    const fail = () => {
      throw new Error("no memory");
    };
    if (++this.#calls < 2) return tf.relu(x);
    if (!this.backward) return fail();
    return tf.customGrad((x) => ({ value: tf.relu(x as tf.Tensor), gradFunc: fail }))(x);
  }
}

noLeaks("a step or an evaluation that fails leaves nothing behind, nor does the batch ahead of it", async () => {
  const { images, dataset } = pictures(30);
  const head = () => [new nn.AdaptiveAvgPool2d(1), new nn.Flatten(), new nn.Linear(8, 3)];
  const make = (failing: Failing) => new nn.Sequential(new nn.Conv2d(3, 8, 3), failing, ...head());
  const options = { ...quiet, epochs: 1, batchSize: 8, cache: false };
  const frozen = make(new Failing()), forward = make(new Failing()), backward = make(new Failing(true));
  freeze(frozen, { until: "4" });
  for (const model of [frozen, forward, backward]) {
    release(model.stateDict()); // its parameters are there from now on
    const before = tf.memory().numTensors;
    await assertRejects(async () => void await fit(model, dataset, options), Error, "no memory");
    assertEquals(tf.memory().numTensors, before);
    forget(model);
  }
  const evaluated = make(new Failing());
  await assertRejects(() => evaluate(evaluated, dataset, { batchSize: 8 }), Error, "no memory");
  forget(evaluated);
  images.dispose();
});

noLeaks("a network may be evaluated while it trains: neither disturbs the other's mode", async () => {
  const { images, dataset } = pictures(40);
  const counts = [];
  for (const disturbed of [false, true]) {
    const model = network();
    model.get("5", nn.Dropout).p = 0; // it draws from the generator that an evaluation draws from too
    const running = fit(model, dataset, { ...quiet, epochs: 4, batchSize: 4 });
    if (disturbed) { for (let i = 0; i < 3; i++) await evaluate(model, dataset, { batchSize: 1 }); }
    const run = await running;
    counts.push([model.get("1", nn.BatchNorm2d).num_batches_tracked.value, run.history.at(-1)!.loss]);
    assertEquals(model.training, true);
    forget(model, run);
  }
  assertEquals(counts[0][0], 40);
  assertEquals(counts[1][0], 40);
  assertAlmostEquals(counts[0][1], counts[1][1], 1e-4);
  images.dispose();
});

noLeaks("a network trains in one run at a time", async () => {
  const { images, dataset } = pictures(30);
  const model = network();
  const running = fit(model, dataset, { ...quiet, epochs: 10_000 });
  await assertRejects(
    async () => await fit(model, dataset, quiet),
    Error,
    "Cannot fit Sequential: it is being trained already; wait for that run's end, or stop() it",
  );
  forget(model, await running.stop());
  images.dispose();
});

Deno.test("a forgotten await and other values in the wrong place are named", async () => {
  const model = network();
  const { images, dataset } = pictures(6);
  const promise = Promise.resolve(dataset);
  const wrong = (value: unknown) => value as never;
  const cases: [() => unknown, string][] = [
    [
      () => fit(wrong(Promise.resolve(model)), dataset),
      "Cannot fit: expected a network, found a promise; did you forget await?",
    ],
    [
      () => fit(model, wrong(promise)),
      "Cannot fit Sequential: expected a dataset or a split of one, found a promise; did you forget await?",
    ],
    [() => freeze(wrong(null)), "Cannot freeze: expected a network, found null"],
    [
      () => freeze(wrong(new nn.LoadReport([], [], [], []))),
      "Cannot freeze: expected a network, found a value of class LoadReport; loadStateDict changes the network in place " +
      "and returns a report: pass the network itself",
    ],
    [
      () => fit(model, dataset, { optimizer: new SGD(new nn.Linear(1, 1).parameters(), { learningRate: 1 }) }),
      'Cannot fit Sequential: expected an optimizer for the parameters that train, found none for "0.weight", "1.weight", ' +
      '"1.bias", "6.weight", "6.bias" and 2 that are not the network\'s; make it after the head has been replaced and the ' +
      "rest frozen, or freeze what it is to leave out",
    ],
  ];
  for (const [make, message] of cases) assertThrows(make, TypeError, message);
  await assertRejects(
    () => evaluate(model, wrong(dataset.split({ validation: 0.5 }))),
    TypeError,
    "Cannot evaluate: expected a dataset, found a split; pass one of its parts, such as split.validation",
  );
  images.dispose();
});

noLeaks("fit says what does not fit together", async () => {
  const { images, dataset } = pictures(30);
  const wide = new nn.Sequential(new nn.Flatten(), new nn.Linear(108, 1000));
  await assertRejects(
    async () => await fit(wide, dataset, quiet),
    TypeError,
    "Cannot train Sequential on pictures: expected 3 outputs, one for each class, found 1000; give the network a new " +
      "head, such as model.fc = new nn.Linear(model.fc.inFeatures, 3)",
  );
  freeze(wide);
  assertThrows(
    () => fit(wide, dataset, quiet),
    TypeError,
    "Cannot fit Sequential: expected something to train, found every parameter frozen; unfreeze(model) or " +
      "freeze(model, { until }) leaves a part to train",
  );
  const model = network();
  assertThrows(
    () => fit(model, dataset, { epochs: 0 }),
    RangeError,
    "Cannot fit: expected epochs to be a whole number ≥ 1, found 0",
  );
  assertThrows(
    () => fit(model, dataset, { optimizer: "lion" as "sgd" }),
    RangeError,
    'Cannot fit Sequential: expected the optimizer "adam", "adamw", "sgd" or an Optimizer, found "lion"',
  );
  assertThrows(
    () => fit(model, dataset, { optimizer: new Adam(model.parameters()), learningRate: 1 }),
    TypeError,
    "Cannot fit Sequential: expected the rates with the optimizer that was given, found them among the other options",
  );
  forget(wide);
  images.dispose();
});

noLeaks("the curves change with every epoch, however short, and end as a plotly figure", async () => {
  const { images, dataset } = pictures(30);
  const model = network();
  freeze(model, { until: "6" });
  await inFakeKernel(async ({ messages }) => {
    const run = await fit(model, dataset, { seed: 3, epochs: 6 });
    const first = messages.find(({ type }) => type === "display_data")!;
    const curves = messages.filter(({ id, data }) =>
      id === first.id && String(data["text/plain"]).includes("loss over")
    );
    assertEquals(new Set(curves.map(({ data }) => data["text/plain"])).size, 7); // each epoch's, and the finished run's
    assert("application/vnd.plotly.v1+json" in curves.at(-1)!.data && "image/png" in curves.at(-1)!.data);
    forget(model, run);
  });
  images.dispose();
});

noLeaks("a run becomes JSON and CSV and shows its curves", async () => {
  const { images, dataset } = pictures(30);
  const model = network();
  freeze(model, { until: "6" });
  const run = await fit(model, dataset.split({ validation: 0.2 }), { ...quiet, epochs: 2 });
  const json = JSON.parse(JSON.stringify(run));
  assertEquals(json.frozen, ["0", "1", "2", "3", "4", "5"]);
  assertEquals([json.history.length, json.best.epoch], [2, run.best!.epoch]);
  const [head, first] = run.history.toCSV().split("\n");
  assertEquals(head, "epoch,loss,accuracy,validationLoss,validationAccuracy,learningRate,seconds");
  assertEquals(first.split(",").slice(0, 2), ["1", String(run.history[0].loss)]);
  const spec = run.spec();
  assert("panels" in spec && spec.panels.length === 2);
  assert(String(run).startsWith("Sequential on pictures: 2 of 2 epochs; best validation accuracy "));
  forget(model, run);
  images.dispose();
});
