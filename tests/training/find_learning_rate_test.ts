import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { type Dataset, fromTensors, type LabelledDataset } from "../../lib/data/mod.ts";
import { interrupt } from "../../lib/display/interrupt.ts";
import { random } from "../../lib/engine/random.ts";
import * as nn from "../../lib/nn/mod.ts";
import {
  Adam,
  AdamW,
  FeatureBank,
  findLearningRate,
  type FindLearningRateOptions,
  fit,
  freeze,
  layerwiseRates,
  type Optimizer,
  type RangeTest,
  SGD,
} from "../../lib/training/mod.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { inFakeKernel } from "../display/fake_kernel.ts";
import { figures } from "../golden/learning_rate.ts";
import { channelsLast, image, values } from "../golden/values.ts";
import { noLeaks, onEachEngine, release } from "../tensors.ts";

const quiet = { display: false, seed: 3, batchSize: figures.batch } as const;

/** The generator's pictures. */
function pictures(name = "pictures"): { x: tf.Tensor4D; dataset: LabelledDataset } {
  const { salt, samples, size, classes } = figures;
  const data = channelsLast(image(salt, samples, size), [samples, 3, size, size]);
  const labels = Array.from({ length: samples }, (_, i) => i % classes);
  for (let i = 0; i < data.length; i++) if (i % 3 === labels[Math.floor(i / (3 * size * size))]) data[i] += 1;
  const x = tf.tensor4d(data, [samples, size, size, 3]);
  return { x, dataset: fromTensors(x, labels, { name }) };
}

/** The generator's network. */
function network(): nn.Sequential {
  const model = new nn.Sequential(
    new nn.Conv2d(3, 4, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(2),
    new nn.Flatten(),
    new nn.Linear(16, figures.classes),
  );
  const entries = model.namedState().map(([name, { shape, dtype }]) => {
    const data = dtype === "int64" ? BigInt64Array.of(0n) : values(figures.salt, name, shape);
    return [name, { shape: [...shape], data }] as const;
  });
  model.loadStateDict(StateDict.from(Object.fromEntries(entries)));
  return model;
}

/** The same samples, always in their own order. */
function inOrder(dataset: Dataset): Dataset {
  return new Proxy(dataset, {
    get(target, name) {
      if (name !== "batches") return Reflect.get(target, name, target);
      return (options: Parameters<Dataset["batches"]>[0]) => target.batches({ ...options, shuffle: false });
    },
  });
}

/** Every bit of what a range test may change. */
async function everything(model: nn.Module, optimizer?: Optimizer): Promise<Map<string, string>> {
  const state = model.stateDict();
  const memory = optimizer?.state(model);
  const found = new Map<string, string>();
  for (const [name, entry] of [...state, ...(memory?.tensors ?? [])]) {
    const data = await entry.data();
    found.set(name, String(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  }
  found.set("rates", JSON.stringify(memory?.groups));
  found.set("settings", JSON.stringify(memory?.settings));
  found.set("modes", JSON.stringify(model.modules().map(({ training, frozen }) => [training, frozen])));
  found.set("trained", JSON.stringify(model.parameters().map(({ requiresGrad }) => requiresGrad)));
  found.set("classes", JSON.stringify(model.classes));
  found.set("random", String(random.save()));
  release(state);
  if (memory) release(memory.tensors);
  return found;
}

for (const { optimizer, rates, losses, smoothed, made, ...range } of figures.tests) {
  onEachEngine(`the losses are those of a PyTorch loop: ${optimizer} from ${range.from} to ${range.to}`, async () => {
    const { x, dataset } = pictures();
    const model = network();
    const { from, to, steps, weightDecay } = range;
    const options = { ...quiet, optimizer, from, to, steps, weightDecay };
    const test = await findLearningRate(model, inOrder(dataset), options);
    assertEquals([test.rates.length, test.losses.length, test.smoothed.length], [made, made, made]);
    assertEquals(test.state, made < steps ? "diverged" : "finished");
    for (const [i, loss] of losses.entries()) {
      assertAlmostEquals(test.rates[i], rates[i], 1e-12 * rates[i]);
      assertAlmostEquals(test.losses[i], loss, 1e-4 * Math.max(1, loss), `loss of step ${i + 1}`);
      assertAlmostEquals(test.smoothed[i], smoothed[i], 1e-4 * Math.max(1, smoothed[i]), `smoothed ${i + 1}`);
    }
    for (const rule of ["valley", "steep"] as const) {
      assertAlmostEquals(test[rule], range[rule], 1e-9 * range[rule], rule);
    }
    release(model);
    x.dispose();
  });
}

noLeaks("network, optimizer and random generator are as before to the bit", async () => {
  const { x, dataset } = pictures();
  for (const frozen of [undefined, "5", "1"]) {
    const model = network();
    if (frozen) freeze(model, { until: frozen });
    model.get("1").eval();
    const trained = model.parameters().filter(({ requiresGrad }) => requiresGrad);
    const given = [
      undefined,
      new AdamW(trained, { learningRate: 0.003 }),
      new SGD(layerwiseRates(model, { top: 0.1 }), { learningRate: 1, momentum: 0.9 }),
    ];
    for (const optimizer of given) {
      if (optimizer) { // it has averages already
        const run = await fit(model, dataset, { ...quiet, optimizer, epochs: 2 });
        release(run.best!.stateDict);
      }
      const before = await everything(model, optimizer);
      const test = await findLearningRate(model, dataset, { ...quiet, optimizer });
      assert(test.losses.length > 20 && test.smoothed.at(-1)! !== test.smoothed[0]);
      assertEquals(await everything(model, optimizer), before);
      optimizer?.dispose();
    }
    release(model);
  }
  x.dispose();
});

noLeaks("everything is as before where a test is stopped, and what it came to so far is told", async () => {
  const { x, dataset } = pictures();
  const model = network();
  const optimizer = new Adam(model.parameters(), { learningRate: 0.1 });
  const before = await everything(model, optimizer);
  const stopAfter = async (steps: number, stop: () => void, signal?: AbortSignal): Promise<RangeTest> => {
    let done = 0;
    const forget = nn.onForward(model.get("5"), () => {
      if (++done === steps) stop();
    });
    const options = { ...quiet, optimizer, from: 1e-3, to: 1, signal };
    return await findLearningRate(model, dataset, options).finally(forget);
  };
  const test = await stopAfter(60, interrupt);
  assertEquals([test.losses.length, test.state], [60, "stopped"]);
  assert(test.summary.endsWith(" after 60 of 100 steps"), test.summary);
  assertEquals(await everything(model, optimizer), before);
  const controller = new AbortController();
  const error = await assertRejects(() => stopAfter(7, () => controller.abort(), controller.signal), DOMException);
  assertEquals(
    [error.name, error.message],
    ["AbortError", "The range test was stopped after 7 of 100 steps, too few to suggest a rate"],
  );
  assertEquals(await everything(model, optimizer), before);
  await assertRejects(
    () => findLearningRate(model, dataset, { ...quiet, signal: controller.signal }),
    DOMException,
    "The range test was stopped after 0 of 100 steps",
  );
  optimizer.dispose();
  release(model);
  x.dispose();
});

noLeaks("everything is as before where a test fails, and the error says why", async () => {
  const { x, dataset } = pictures();
  const model = network();
  const still = new nn.Sequential(new nn.Flatten(), new nn.Linear(108, 3, { bias: false }));
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
  const before = await everything(model, optimizer);
  const fails = async (message: string, options: FindLearningRateOptions = {}, data: Dataset = dataset) => {
    await assertRejects(() => findLearningRate(model, data, { ...quiet, optimizer, ...options }), Error, message);
    assertEquals(await everything(model, optimizer), before);
  };
  const broken = tf.fill([12, 6, 6, 3], NaN), dark = tf.zeros([12, 6, 6, 3]);
  const none = fromTensors(broken, Array.from({ length: 12 }, (_, i) => i % 3), { name: "broken" });
  await fails(
    "Cannot find a learning rate for Sequential on broken: expected a finite loss before the first step, found NaN; look " +
      "for broken samples, or weights that are no numbers",
    {},
    none,
  );
  await fails(
    "Cannot find a learning rate for Sequential on pictures: expected the loss to fall before it diverges, found it " +
      "diverging at ",
    { from: 1e9, to: 1e12 },
  );
  await fails(
    "Cannot find a learning rate for Sequential on pictures: expected the loss to fall at a rate from 1.00e-12 to " +
      "1.00e-10, found ",
    { from: 1e-12, to: 1e-10 },
    inOrder(dataset),
  );
  const black = fromTensors(dark, Array.from({ length: 12 }, (_, i) => i % 3), { name: "black" });
  await assertRejects(
    () => findLearningRate(still, black, quiet),
    Error,
    "Cannot find a learning rate for Sequential on black: expected the loss to fall at a rate from 1.00e-6 to 10, found " +
      "1.099 at first and 1.099 at its lowest; see whether labels and samples belong together and whether what is " +
      "frozen leaves enough to train, or begin with a smaller from",
  );
  const unreadable = new Proxy(dataset, {
    get(target, name) {
      if (name !== "batches") return Reflect.get(target, name, target);
      return async function* (options: Parameters<Dataset["batches"]>[0]) {
        let left = 3;
        for await (const batch of target.batches(options)) {
          if (left-- > 0) yield batch;
          else {
            tf.dispose([batch.images, batch.labels]);
            throw new Error("Cannot read the fourth");
          }
        }
      };
    },
  });
  await fails("Cannot read the fourth", {}, unreadable);
  const two = fromTensors(x, Array.from({ length: 40 }, (_, i) => i % 2), { name: "two" });
  await fails("Cannot train Sequential on two: expected 2 outputs, one for each class, found 3", {}, two);
  optimizer.dispose();
  tf.dispose([x, broken, dark]);
  release(model, still);
});

noLeaks("what is frozen is computed once for each sample, and gives the losses of the plain way", async () => {
  const { x, dataset } = pictures();
  const model = network();
  freeze(model, { until: "5" });
  let samples = 0;
  const forget = nn.onForward(model.get("0"), (_module, x) => samples += x.shape[0]);
  const counted = async (options: FindLearningRateOptions) => {
    samples = 0;
    const test = await findLearningRate(model, dataset, { ...quiet, steps: 50, to: 1, ...options });
    return [test.losses, samples] as const;
  };
  const [kept, once] = await counted({});
  const [plain, often] = await counted({ cache: false });
  assertEquals([once, often], [40, 50 * quiet.batchSize]);
  plain.forEach((loss, i) => assertAlmostEquals(kept[i], loss, 1e-4));
  // of more samples than there are steps for, only so many
  const more = tf.tile(x, [20, 1, 1, 1]);
  const many = fromTensors(more, Array.from({ length: 800 }, (_, i) => i % 40 % 3));
  const test = await findLearningRate(model, many, { ...quiet, steps: 30, from: 1e-3, batchSize: 4 });
  assertEquals([test.losses.length, samples - often], [30, 120]);
  // a bank keeps what fit will need too
  const features = new FeatureBank();
  const [shared, all] = await counted({ features });
  assertEquals([shared, all], [kept, 40]);
  const run = await fit(model, dataset, { ...quiet, epochs: 2, features });
  assertEquals([run.cachedAt, samples], ["5", 40]);
  features.dispose();
  release(run.best!.stateDict);
  forget();
  tf.dispose([x, more]);
  release(model);
});

noLeaks("the groups of an optimizer keep their proportions, and fit's options change the losses", async () => {
  const { x, dataset } = pictures();
  const model = network();
  const optimizer = new SGD(layerwiseRates(model, { top: 0.01, decay: 10 }), { learningRate: 1 });
  const seen: number[][] = [];
  const forget = nn.onForward(model, () => seen.push(optimizer.groups.map(({ learningRate }) => learningRate)));
  const test = await findLearningRate(model, inOrder(dataset), { ...quiet, optimizer, steps: 20, from: 0.01, to: 1 });
  forget();
  // a forward sees the rates of the step before
  assertEquals(optimizer.groups.length, 3);
  for (const [i, rates] of seen.slice(1).entries()) {
    rates.forEach((rate, group) => assertAlmostEquals(rate, test.rates[i] / 10 ** group, 1e-12));
  }
  assertEquals(optimizer.groups.map(({ learningRate }) => learningRate), [0.01, 0.001, 0.0001]);
  const first = async (options: FindLearningRateOptions) =>
    (await findLearningRate(model, inOrder(dataset), { ...quiet, steps: 20, from: 1e-3, to: 1, ...options })).losses;
  const plain = await first({});
  const others = [
    { labelSmoothing: 0.2 },
    { classWeights: [1, 2, 3] },
    { mixup: 0.4 },
    { flip: true },
    { clip: { value: 1e-3 } },
    { optimizer: "sgd" },
  ] as const;
  for (const options of others) {
    const losses = await first(options);
    assert(Math.abs(losses[9] - plain[9]) > 1e-5, JSON.stringify(options));
  }
  optimizer.dispose();
  release(model);
  x.dispose();
});

noLeaks("the result is a curve with its suggestions, a sentence and JSON", async () => {
  const { x, dataset } = pictures();
  const model = network();
  const split = { name: "all", classes: dataset.classes, train: dataset, validation: dataset };
  const test = await findLearningRate(model, split, { ...quiet, to: 1 });
  assertEquals(test.suggestion, test.valley);
  assert(test.rates.includes(test.valley) && test.rates.includes(test.steep));
  assert(test.valley > 1e-4 && test.valley < 1, String(test.valley));
  const [panel] = test.spec().panels;
  assertEquals([panel.xScale, panel.series.map(({ name }) => name)], ["log", ["each batch", "smoothed"]]);
  assertEquals(panel.marks!.map(({ x }) => x), [test.steep, test.valley]);
  assert(
    /^Learning rate [\d.e-]+ for Sequential on all: the middle of the loss's longest fall \(steepest at [\d.e-]+\); /
      .test(test.summary),
    test.summary,
  );
  assert(String(test).startsWith("Learning rate ") && String(test).includes("steepest at"), String(test));
  const plain = JSON.parse(JSON.stringify(test));
  assertEquals([plain.suggestion, plain.steep, plain.rates.length], [test.valley, test.steep, test.rates.length]);
  const other = await findLearningRate(model, split, { ...quiet, to: 1, suggest: "steep" });
  assertEquals([other.suggestion, other.losses], [other.steep, test.losses]);
  assert(other.summary.includes(": the loss's steepest fall (its longest has its middle at "));
  const run = await fit(model, split, { ...quiet, epochs: 5, learningRate: test.suggestion });
  assert(run.history.at(-1)!.loss < 0.6 * run.history[0].loss, "the suggestion trains");
  release(model, run.best!.stateDict);
  x.dispose();
});

noLeaks("in a notebook the curve grows under the cell and ends as a figure", async () => {
  const { x, dataset } = pictures();
  const model = network();
  await inFakeKernel(async ({ messages }) => {
    const test = await findLearningRate(model, dataset, { ...quiet, display: true });
    const texts = messages.map(({ data }) => String(data["text/plain"]));
    assert(texts[0].includes("Learning rate range test of Sequential on pictures"));
    const figure = messages.findLast(({ data }) => "application/vnd.plotly.v1+json" in data)!;
    assert(String(figure.data["text/plain"]).includes(test.summary.split(":")[0]));
    assertEquals(texts.at(-1), ""); // the progress has gone
    await assertRejects(() => findLearningRate(model, dataset, { ...quiet, display: true, from: 1e9, to: 1e12 }));
  });
  release(model);
  x.dispose();
});

noLeaks("a network trains or is tested, not both at a time", async () => {
  const { x, dataset } = pictures();
  const model = network();
  const running = fit(model, dataset, { ...quiet, epochs: 1000 });
  await assertRejects(
    () => findLearningRate(model, dataset, quiet),
    Error,
    "Cannot find a learning rate for Sequential: it is being trained already; wait for that run's end, or stop() it",
  );
  const run = await running.stop();
  const testing = findLearningRate(model, dataset, quiet);
  await assertRejects(async () => await fit(model, dataset, quiet), Error, "it is being trained already");
  await testing;
  if (run.best) release(run.best.stateDict);
  release(model);
  x.dispose();
});

noLeaks("options that cannot be are named before anything is computed", async () => {
  const { x, dataset } = pictures();
  const model = network();
  const refused = async (options: unknown, type: new (message: string) => Error, message: string) => {
    await assertRejects(() => findLearningRate(model, dataset, options as FindLearningRateOptions), type, message);
  };
  const start = "Cannot find a learning rate: expected ";
  await refused({ from: 0 }, RangeError, `${start}from above 0 and below to, found from 0 and to 10`);
  await refused({ from: 1, to: 1 }, RangeError, `${start}from above 0 and below to, found from 1 and to 1`);
  await refused({ steps: 9 }, RangeError, `${start}steps to be a whole number ≥ 10, found 9`);
  await refused({ suggest: "slide" }, RangeError, `${start}suggest "valley" or "steep", found "slide"`);
  await refused({ batchSize: 0 }, RangeError, `${start}batchSize to be a whole number ≥ 1, found 0`);
  await refused({ classWeights: [1] }, TypeError, `${start}classWeights to be "balanced" or 3 numbers`);
  await refused({ epochs: 3 }, TypeError, `found "epochs"`);
  await refused({ start_lr: 3 }, TypeError, `found "start_lr"`);
  await refused(
    { optimizer: "lion" },
    RangeError,
    'Cannot find a learning rate for Sequential: expected the optimizer "adam", "adamw", "sgd" or an Optimizer, found "lion"',
  );
  await refused(
    { optimizer: new SGD(model.parameters(), { learningRate: 0 }) },
    RangeError,
    "Cannot find a learning rate for Sequential: expected the optimizer's first group to have a rate above 0, to which " +
      "those of the others are in proportion, found 0",
  );
  await assertRejects(
    () => findLearningRate(dataset as unknown as nn.Module, dataset),
    TypeError,
    "Cannot find a learning rate: expected a network, found a value of class LabelledDataset",
  );
  freeze(model);
  await refused(
    {},
    TypeError,
    "Cannot find a learning rate for Sequential: expected something to train, found every parameter frozen",
  );
  release(model);
  x.dispose();
});
