import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { type ChartSpec, models } from "thaw";
import { fromTensors, type LabelledDataset } from "../../lib/data/mod.ts";
import { manualSeed } from "../../lib/engine/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import {
  Adam,
  fit,
  type FitOptions,
  freeze,
  layerwiseRates,
  learningCurves,
  type Run,
  runs,
  SGD,
  unfreeze,
  type UnfreezeOptions,
  type UnfreezeSchedule,
  unfreezeSchedule,
} from "../../lib/training/mod.ts";
import { noLeaks, release } from "../tensors.ts";

const quiet = { display: false, seed: 3, batchSize: 8, restoreBest: false } as const;

/** Small pictures whose class is their brightest channel: 36 to train with, 12 to judge by. */
function pictures(): { x: tf.Tensor; split: ReturnType<LabelledDataset["split"]> } {
  const labels = Array.from({ length: 48 }, (_, i) => i % 3);
  const x = tf.tidy(() => {
    const noise = tf.randomUniform([48, 6, 6, 3], -1, 1, "float32", 7);
    return tf.add(noise, tf.mul(tf.reshape(tf.oneHot(labels, 3), [48, 1, 1, 3]), 0.7));
  });
  return { x, split: fromTensors(x, labels, { name: "pictures" }).split({ validation: 0.25, seed: 1 }) };
}

/** Four stages, three of them with parameters: low, middle and head. */
function network(seed = 1): nn.Sequential {
  manualSeed(seed);
  const block = (from: number, to: number) =>
    new nn.Sequential(new nn.Conv2d(from, to, 3, { bias: false }), new nn.BatchNorm2d(to), new nn.ReLU());
  return new nn.Sequential({
    low: block(3, 6),
    middle: block(6, 8),
    pool: new nn.Sequential(new nn.AdaptiveAvgPool2d(1), new nn.Flatten()),
    head: new nn.Linear(8, 3),
  } as unknown as nn.Module);
}

async function values(model: nn.Module): Promise<Map<string, string>> {
  const state = model.stateDict();
  const read = await Promise.all([...state].map(async ([name, entry]) => [name, String(await entry.data())] as const));
  release(state);
  return new Map(read);
}

function forget(model: nn.Module, ...of: Run[]): void {
  for (const run of of) if (run.best) release(run.best.stateDict);
  release(model);
}

const losses = (run: Run) => run.history.map(({ loss }) => loss);
const trained = (model: nn.Module) =>
  model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).map(([name]) => name);
const frozen = (model: nn.Module) => model.namedModules().filter(([, module]) => module.frozen).map(([name]) => name);

Deno.test("a schedule names the stages with parameters from the head downward", () => {
  const model = network();
  assertEquals(unfreezeSchedule(model), { every: 1, stages: ["head", "middle", "low"] });
  assertEquals(unfreezeSchedule(model, { every: 3, from: "middle" }), { every: 3, stages: ["middle", "low"] });
  assertEquals(unfreezeSchedule(model, { until: "middle" }), { every: 1, stages: ["head", "middle"] });
  assertEquals(unfreezeSchedule(model, { stages: ["head", "middle.1", "low"], batchNorm: "train" }), {
    every: 1,
    stages: ["head", "middle.1", "low"],
    batchNorm: "train",
  });
  assertEquals(
    unfreezeSchedule(models.resnet18()).stages,
    ["fc", "layer4", "layer3", "layer2", "layer1", "conv1"],
  );
  assertEquals([trained(model).length, frozen(model)], [8, []]); // it was only looked at
});

noLeaks("each epoch moves what has thawed by then and nothing else", async () => {
  const { x, split } = pictures();
  const model = network();
  freeze(model); // what was frozen before does not count
  let before = await values(model);
  const moved: string[][] = [];
  const cuts: (string | undefined)[] = [];
  const run = await fit(model, split, {
    ...quiet,
    epochs: 5,
    unfreeze: unfreezeSchedule(model, { every: 2 }),
    onEpoch: async (_epoch, { cachedAt }) => {
      const after = await values(model);
      moved.push([...after].filter(([name, value]) => before.get(name) !== value).map(([name]) => name));
      cuts.push(cachedAt);
      before = after;
    },
  });
  const all = [...before.keys()];
  const upper = all.filter((name) => !name.startsWith("low."));
  assertEquals(moved, [["head.weight", "head.bias"], ["head.weight", "head.bias"], upper, upper, all]);
  // the pooling has nothing to train and belongs to no plan, but comes before the head
  assertEquals(cuts, ["head", "head", "middle", "middle", undefined]);
  assertEquals(run.thaws, [{ epoch: 3, stage: "middle" }, { epoch: 5, stage: "low" }]);
  assertEquals([trained(model).length, frozen(model)], [8, []]);
  assertEquals(run.plan.trainable, 27); // at the start
  forget(model, run);
  x.dispose();
});

noLeaks("down to a stage, what is below never moves; frozen batch norm may move its statistics", async () => {
  const { x, split } = pictures();
  for (const batchNorm of ["eval", "train"] as const) {
    const model = network();
    const before = await values(model);
    const unfreeze = unfreezeSchedule(model, { until: "middle", batchNorm });
    const run = await fit(model, split, { ...quiet, epochs: 3, unfreeze });
    const same = [...await values(model)].filter(([name, value]) => before.get(name) === value).map(([name]) => name);
    const statistics = ["low.1.running_mean", "low.1.running_var", "low.1.num_batches_tracked"];
    assertEquals(same, ["low.0.weight", "low.1.weight", "low.1.bias", ...(batchNorm === "eval" ? statistics : [])]);
    assertEquals(run.thaws, [{ epoch: 2, stage: "middle" }]);
    forget(model, run);
  }
  x.dispose();
});

noLeaks("what is frozen is computed once for each plan, with the losses of the plain way", async () => {
  const { x, split } = pictures();
  const found: Run[] = [];
  for (const cache of [true, false]) {
    const model = network();
    let [samples, count] = [0, [] as number[]];
    nn.onForward(model.get("low"), (_module, x) => samples += x.shape[0]);
    const run = await fit(model, split, {
      ...quiet,
      epochs: 7,
      cache,
      unfreeze: unfreezeSchedule(model, { every: 3 }),
      onEpoch: () => void (count = [...count, samples]),
    });
    const all = 48;
    assertEquals(count, cache ? [1, 1, 1, 2, 2, 2, 3].map((n) => n * all) : [1, 2, 3, 4, 5, 6, 7].map((n) => n * all));
    found.push(run);
    forget(model, run);
  }
  for (const key of ["loss", "validationLoss"] as const) {
    found[0].history.forEach((epoch, i) => assertAlmostEquals(epoch[key]!, found[1].history[i][key]!, 1e-5));
  }
  x.dispose();
});

noLeaks("the losses are those of one fit after another, with a freeze between and the same optimizer", async () => {
  const { x, split } = pictures();
  const whole = { ...quiet, batchSize: 36 }; // so that the samples' order does not count
  for (const kind of ["adam", "momentum", "layerwise"]) {
    const make = (model: nn.Module) =>
      kind === "adam"
        ? new Adam(model.parameters(), { learningRate: 0.02, weightDecay: 0.1 })
        : kind === "momentum"
        ? new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 })
        : new Adam(layerwiseRates(model, { top: 0.05 }));
    const model = network();
    const optimizer = make(model);
    const run = await fit(model, split, {
      ...whole,
      optimizer,
      epochs: 6,
      clip: { norm: 0.5 },
      unfreeze: unfreezeSchedule(model, { every: 2 }),
    });
    const other = network();
    const same = make(other);
    const expected: number[] = [];
    for (const until of ["head", "middle", "low"]) {
      freeze(other, { until });
      const part = await fit(other, split, { ...whole, optimizer: same, epochs: 2, clip: { norm: 0.5 } });
      expected.push(...losses(part));
      if (part.best) release(part.best.stateDict);
    }
    losses(run).forEach((loss, i) => assertAlmostEquals(loss, expected[i], 1e-5, `${kind}, epoch ${i + 1}`));
    optimizer.dispose();
    same.dispose();
    forget(model, run);
    forget(other);
  }
  x.dispose();
});

noLeaks("a run that is stopped anywhere and resumed has the losses and weights of an undisturbed one", async () => {
  const { x, split } = pictures();
  const train = async (model: nn.Module, more: FitOptions = {}): Promise<Run> => {
    unfreeze(model); // layerwise rates are for all that will train
    const optimizer = new Adam(layerwiseRates(model, { top: 0.03 }));
    freeze(model, { until: "middle" }); // a schedule does not ask what was frozen
    const schedule = unfreezeSchedule(model, { every: 2 });
    const run = await fit(model, split, { ...quiet, epochs: 5, optimizer, unfreeze: schedule, ...more });
    optimizer.dispose();
    return run;
  };
  const straight = network();
  const expected = await train(straight);
  const weights = await values(straight);
  for (const [epoch, batch] of [[1, 3], [2, 5], [3, 1], [3, 5], [4, 2], [5, 5]]) {
    const checkpoint = await Deno.makeTempDir();
    const model = network();
    const first = await train(model, {
      checkpoint,
      onStep: (step, run) => step.epoch === epoch && step.batch === batch ? run.stop() : undefined,
    });
    assertEquals(first.state, "stopped");
    const again = network(9);
    const run = await train(again, { checkpoint, resume: true });
    losses(run).forEach((loss, i) => assertAlmostEquals(loss, losses(expected)[i], 1e-6, `stopped in ${epoch}`));
    assertEquals([run.thaws, run.history.length, run.plan.trainable], [expected.thaws, 5, expected.plan.trainable]);
    assertEquals([trained(again), frozen(again)], [trained(straight), frozen(straight)]);
    const found = await values(again);
    for (const [name, value] of weights) {
      const numbers = found.get(name)!.split(",").map(Number);
      value.split(",").forEach((one, i) => assertAlmostEquals(numbers[i], Number(one), 1e-5, name));
    }
    // one that has ended is left as it ended
    const third = await train(again, { checkpoint, resume: true });
    assertEquals([third.thaws, losses(third)], [run.thaws, losses(run)]);
    assertEquals([trained(again), frozen(again)], [trained(straight), frozen(straight)]);
    forget(model, first);
    forget(again, run, third);
    await Deno.remove(checkpoint, { recursive: true });
  }
  forget(straight, expected);
  x.dispose();
});

noLeaks("the best weights are of all that ever trains, also where the best epoch was before a thaw", async () => {
  const { x, split } = pictures();
  // judged by labels that are all wrong, the more a network learns the worse it is
  const wrong = fromTensors(x, Array.from({ length: 48 }, (_, i) => (i + 1) % 3));
  const model = network();
  const after: Map<string, string>[] = [];
  const run = await fit(model, { ...split, validation: wrong }, {
    ...quiet,
    restoreBest: true,
    epochs: 6,
    learningRate: 0.03,
    unfreeze: unfreezeSchedule(model, { every: 3 }),
    onEpoch: async () => void after.push(await values(model)),
  });
  assert(run.best!.epoch <= 3, `epoch ${run.best!.epoch} was best`);
  assert(after[5].get("middle.0.weight") !== after[2].get("middle.0.weight"));
  const names = [...run.best!.stateDict.keys()];
  // low would thaw after the last epoch
  assertEquals(names, [...after[0].keys()].filter((name) => !name.startsWith("low.")));
  assertEquals(await values(model), after[run.best!.epoch - 1]);
  forget(model, run);
  x.dispose();
});

noLeaks("where it fails after a thaw, the network has its best weights again, and its first ones without", async () => {
  const { x, split } = pictures();
  for (const failing of [1, 4]) {
    const model = network();
    const before = await values(model);
    const after: Map<string, string>[] = [before];
    const error = await assertRejects(async () =>
      await fit(model, split, {
        ...quiet,
        epochs: 6,
        unfreeze: unfreezeSchedule(model),
        onEpoch: async () => void after.push(await values(model)),
        onStep: ({ epoch }) => {
          if (epoch === failing) throw new Error("Cannot go on");
        },
      })
    );
    const { run } = error as Error & { run: Run };
    assertEquals(await values(model), after[run.best?.epoch ?? 0]);
    forget(model, run);
  }
  x.dispose();
});

/** A network that cannot be run stage by stage: all of it is on the tape. */
class Whole extends nn.Module {
  first: nn.Linear = new nn.Linear(108, 4);
  head: nn.Linear = new nn.Linear(4, 3);
  override forward(x: tf.Tensor): tf.Tensor {
    return this.head.forward(this.first.forward(tf.reshape(x, [-1, 108])));
  }
}

noLeaks("what is still frozen has no part in a gradient's norm", async () => {
  const { x, split } = pictures();
  const found: Map<string, string>[] = [];
  for (const all of [true, false]) {
    manualSeed(2);
    const model = new Whole();
    freeze(model, { until: "head" });
    const parameters = all ? model.parameters() : model.head.parameters();
    const optimizer = new SGD(parameters, { learningRate: 1 });
    const run = await fit(model, split, { ...quiet, epochs: 1, optimizer, clip: { norm: 1e-2 } });
    found.push(await values(model));
    forget(model, run);
  }
  assertEquals(found[0], found[1]);
  x.dispose();
});

noLeaks("the curves mark each thaw before its epoch, and the run's data have them", async () => {
  const { x, split } = pictures();
  const model = network();
  const unfreeze = unfreezeSchedule(model, { every: 2 });
  const run = await fit(model, split, { ...quiet, name: "thawing", epochs: 4, unfreeze });
  const thaws = [{ epoch: 3, stage: "middle" }];
  const { panels } = learningCurves(run.history, run.best, run.thaws);
  for (const panel of panels.slice(0, 2)) {
    assertEquals(panel.marks!.filter(({ y }) => y === undefined), [{ x: 2.5, label: "middle", tone: "muted" }]);
  }
  const { subtitle } = run.spec() as ChartSpec;
  assertEquals(
    subtitle,
    "What is frozen below middle was computed once for each picture. From each vertical line on, the stage that it names " +
      "trains too",
  );
  const record = runs().at(-1)!;
  assertEquals([run.toJSON().thaws, record.toJSON().thaws], [thaws, thaws]);
  assertEquals(record.toJSON().options.unfreeze, { every: 2, stages: ["head", "middle", "low"] });
  assertEquals((record.spec() as ChartSpec).panels[0].marks!.some(({ x, y }) => x === 2.5 && y === undefined), true);
  // of ten thaws in as many epochs only some have room for their names
  const many = Array.from({ length: 10 }, (_, i) => ({ epoch: i + 2, stage: `features.${i}` }));
  const epochs = Array.from({ length: 12 }, (_, i) => ({ ...run.history[0], epoch: i + 1 }));
  const lines = learningCurves(epochs, undefined, many).panels[0].marks!;
  assertEquals(lines.map(({ x, label }) => [x, label ?? ""]), [
    ...many.map(({ epoch, stage }, i) => [epoch - 0.5, i % 3 === 0 ? stage : ""]),
  ]);
  const plain = await fit(model, split, { ...quiet, epochs: 1 });
  assertEquals([plain.thaws, "thaws" in JSON.parse(JSON.stringify(plain))], [[], false]);
  forget(model, run, plain);
  x.dispose();
});

noLeaks("another run of the same network is refused and leaves this one's plan alone", async () => {
  const { x, split } = pictures();
  const model = network();
  freeze(model, { until: "head" });
  const running = fit(model, split, { ...quiet, epochs: 1000 });
  await assertRejects(
    async () => await fit(model, split, { ...quiet, unfreeze: unfreezeSchedule(model, { from: "middle" }) }),
    Error,
    "it is being trained already",
  );
  assertEquals(trained(model), ["head.weight", "head.bias"]);
  forget(model, await running.stop());
  x.dispose();
});

noLeaks("schedules that cannot be are refused, and leave the network as it is frozen", () => {
  const { x, split } = pictures();
  const model = network();
  freeze(model, { until: "head" });
  const start = "Cannot make an unfreeze schedule";
  const refused = (options: unknown, type: new (message: string) => Error, message: string) =>
    assertThrows(() => unfreezeSchedule(model, options as UnfreezeOptions), type, message);
  refused({ every: 0 }, RangeError, `${start}: expected every to be a whole number of epochs ≥ 1, found 0`);
  refused({ each: 1 }, TypeError, 'found "each"');
  refused(
    { from: "pool" },
    RangeError,
    `${start} for Sequential: expected from to be one of the stages low, middle, head, found "pool"`,
  );
  refused({ until: 3 }, RangeError, "expected until to be one of the stages low, middle, head, found 3");
  refused(
    { from: "low", until: "middle" },
    RangeError,
    `${start} for Sequential: expected from at or above until, found "low", which is below "middle"`,
  );
  refused(
    { stages: ["head"], from: "head" },
    TypeError,
    "expected stages, or from and until in their place, found both",
  );
  refused({ stages: "head" }, TypeError, `${start}: expected stages to be a list of names, found`);
  refused(
    { stages: ["top"] },
    RangeError,
    'Cannot freeze until "top": expected one of the stages low, middle, pool, head',
  );
  refused(
    { stages: ["middle", "head"] },
    RangeError,
    `${start}: expected each stage of the unfreeze schedule to let more parameters train, found "head" after "middle"; ` +
      "name them from the head downward",
  );
  refused({ batchNorm: "off" }, RangeError, `${start}: expected batchNorm "eval" or "train", found "off"`);
  const refuses = (options: FitOptions, message: string) =>
    assertThrows(() => fit(model, split, { ...quiet, ...options }), TypeError, message);
  refuses(
    { unfreeze: { every: 1 } as UnfreezeSchedule },
    "Cannot fit: expected unfreeze to be a schedule, found a plain object; write unfreezeSchedule(model, { every: 1 })",
  );
  refuses(
    { unfreeze: unfreezeSchedule(model), optimizer: new Adam(layerwiseRates(model, { top: 0.1 })) },
    'Cannot fit Sequential: expected an optimizer for the parameters that train, found none for "low.0.weight", ' +
      '"low.1.weight", "low.1.bias", "middle.0.weight", "middle.1.weight", "middle.1.bias"; make it after the head has ' +
      "been replaced and unfreeze(model), for all that will train",
  );
  assertEquals(trained(model), ["head.weight", "head.bias"]);
  release(model);
  x.dispose();
});
