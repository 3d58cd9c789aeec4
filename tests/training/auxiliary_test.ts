import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../../lib/data/mod.ts";
import type { ChartSpec } from "../../lib/display/mod.ts";
import { manualSeed } from "../../lib/engine/mod.ts";
import * as models from "../../lib/models/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { fit, type FitOptions, freeze, type Run, runs, SGD, unfreezeSchedule } from "../../lib/training/mod.ts";
import { trunkOf } from "../../lib/training/trunk.ts";
import { StateDict } from "../../lib/weights/state_dict.ts";
import { channelsLast, image, values } from "../golden/values.ts";
import { readGolden } from "../models/golden.ts";
import { noLeaks, release } from "../tensors.ts";

/** Four SGD steps in PyTorch: what make_auxiliary_golden.py writes. */
interface Case {
  model: string;
  train: string[] | null;
  heads: Record<string, number>;
  size: number;
  batch: number;
  loss: number[];
  grad_l2: Record<string, number>;
  state_l2?: Record<string, number>;
  logits?: number[][];
}

const { salt, cases } = await readGolden<{ salt: string; cases: Case[] }>("auxiliary.json.gz");

/** Notes how long the gradients of its first step are. */
class Watched extends SGD {
  lengths?: Promise<number[]>;

  override step(gradients: readonly (tf.Tensor | undefined)[]): void {
    const lengths = tf.tidy(() => tf.stack(gradients.map((one) => one ? tf.norm(one) : tf.scalar(0))));
    this.lengths ??= lengths.data().then((data) => [...data]);
    this.lengths.finally(() => lengths.dispose());
    super.step(gradients);
  }
}

for (const { model: name, train, heads, size, batch, loss, grad_l2, state_l2, logits } of cases) {
  const cut = train?.[0];
  for (const cache of cut === "inception4b" ? [true, false] : [true]) {
    const what = cut ? `from ${cut} on, what is below ${cache ? "kept" : "computed anew"}` : "all of it";
    noLeaks(`${name} trains with its auxiliary heads as in PyTorch: ${what}`, async () => {
      const dropout = name === "googlenet" ? { dropoutAux: 0 } : {};
      const model = models.get(name, { numClasses: 9, dropout: 0, ...dropout }) as nn.Module;
      fill(model);
      if (train) freeze(model, { except: train });
      const trained = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
      const parameters = trained.map(([, parameter]) => parameter);
      const optimizer = new Watched(parameters, { learningRate: 0.001, momentum: 0.9, weightDecay: 1e-4 });
      const x = tf.tensor(channelsLast(image(salt, batch, size), [batch, 3, size, size]), [batch, size, size, 3]);
      const labels = Array.from({ length: batch }, (_, i) => (7 * i) % 9);
      const data = fromTensors(x, labels, { classes: [..."abcdefghi"] });
      const run = await fit(model, data, {
        optimizer,
        cache,
        epochs: state_l2 ? 4 : loss.length,
        batchSize: batch,
        restoreBest: false,
        display: false,
      });
      assertEquals(run.cachedAt, cache ? cut : undefined);
      assertEquals(counted(run), heads);
      run.history.slice(0, loss.length).forEach((epoch, i) => near(epoch.loss, loss[i], `loss before step ${i + 1}`));
      const lengths = await optimizer.lengths!;
      const largest = Math.max(...Object.values(grad_l2));
      assert(Object.keys(grad_l2).length > 0.9 * trained.length);
      for (const [path, expected] of Object.entries(grad_l2)) {
        const found = lengths[trained.findIndex(([name]) => name === path)];
        near(found, expected, `gradient of ${path}`, 1e-6 * largest);
      }
      const state = model.stateDict();
      const most = Math.max(...Object.values(state_l2 ?? {}));
      for (const [path, expected] of Object.entries(state_l2 ?? {})) {
        const data = await state.get(path)!.data() as Float32Array;
        const square = Array.from(data, (value) => Number(value) ** 2).reduce((a, b) => a + b, 0);
        near(Math.sqrt(square), expected, `state of ${path}`, 1e-6 * most);
      }
      const output = tf.tidy(() => model.eval().forward(x));
      const found = await output.array() as number[][];
      for (const [i, row] of (logits ?? []).entries()) {
        const scale = Math.max(...row.map(Math.abs));
        row.forEach((value, j) => assert(Math.abs(value - found[i][j]) <= 1e-2 * scale, `logit ${i}, ${j}`));
      }
      optimizer.dispose();
      tf.dispose([x, output]);
      release(state, model, run.best!.stateDict);
    });
  }
}

/** The reference's weights; see make_golden.py. */
function fill(model: nn.Module): void {
  const entries = model.namedState().map(([name, { shape, dtype }]) => {
    const data = dtype === "int64" ? BigInt64Array.of(0n) : values(salt, name, shape);
    return [name, { shape: [...shape], data }] as const;
  });
  model.loadStateDict(StateDict.from(Object.fromEntries(entries)));
}

function near(found: number, expected: number, what: string, floor = 0): void {
  const allowed = Math.max(1e-2 * Math.abs(expected), floor);
  assert(Math.abs(found - expected) <= allowed, `${what}: expected ${expected}, found ${found}`);
}

/** The heads that a run counted. */
function counted(run: Run): Record<string, number> {
  const pairs = run.auxiliary.filter(({ weight }) => weight > 0).map(({ module, weight }) => [module, weight]);
  return Object.fromEntries(pairs);
}

/** Three layers, with a head off the first and another off the second. */
class Branched extends nn.Module {
  first: nn.Linear = new nn.Linear(2, 4);
  early: nn.Module | null = new nn.Linear(4, 2);
  second: nn.Linear = new nn.Linear(4, 4);
  late: nn.Module | null = new nn.Linear(4, 2);
  head: nn.Linear = new nn.Linear(4, 2);

  override stages(): nn.Stage[] {
    return [
      nn.withAuxiliary(nn.stage(this, "first"), this, "early", 0.5),
      nn.withAuxiliary(nn.stage(this, "second"), this, "late", 0.25),
      nn.stage(this, "head"),
    ];
  }

  override forward(x: tf.Tensor): tf.Tensor {
    return nn.runStages(this.stages(), x);
  }
}

const quiet: FitOptions = {
  display: false,
  seed: 1,
  epochs: 2,
  optimizer: "sgd",
  learningRate: 0.1,
  restoreBest: false,
};

/** Trains a network on four points, and gives back what is then of no use. */
async function train(model: nn.Module, options: FitOptions = {}): Promise<Run> {
  const x = tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]);
  try {
    const run = await fit(model, fromTensors(x, [0, 1, 0, 1], { name: "points" }), { ...quiet, ...options });
    release(run.best!.stateDict);
    return run;
  } finally {
    x.dispose();
  }
}

noLeaks(
  "the loss is the network's and its heads' by their weights, of smoothed labels and weighted classes too",
  async () => {
    manualSeed(1);
    const model = new Branched();
    const x = tf.tensor2d([[1, 0], [0, 1], [2, 0], [0, 2]]);
    const { logits, auxiliary } = nn.forwardWithAuxiliary(model, x);
    assertEquals(auxiliary.map(({ module, weight }) => [module, weight]), [["early", 0.5], ["late", 0.25]]);
    const y = tf.tensor1d([0, 1, 0, 1], "int32");
    const criterion = new nn.CrossEntropyLoss({ labelSmoothing: 0.1, weight: [1, 3] });
    const all = [logits, ...auxiliary.map((one) => one.logits)].map((one) => criterion.forward(one, y));
    const [own, early, late] = await Promise.all(all.map(async (one) => (await one.data())[0]));
    const refined = { labelSmoothing: 0.1, classWeights: [1, 3] };
    const { history } = await train(model, { ...refined, epochs: 1 });
    assertAlmostEquals(history[0].loss, own + 0.5 * early + 0.25 * late, 1e-5);
    tf.dispose([x, y, logits, all, auxiliary.map((one) => one.logits)]);
    release(model);
  },
);

noLeaks("every part of a branched network moves; without its heads nothing else does what they did", async () => {
  const names = ["first", "early", "second", "late", "head"];
  const moved = async (change: (model: Branched) => void) => {
    manualSeed(1);
    const model = new Branched();
    change(model);
    const before = await weights(model);
    const run = await train(model);
    const after = await weights(model);
    release(model);
    return { run, after, names: names.filter((name) => before[name] && String(before[name]) !== String(after[name])) };
  };
  const whole = await moved(() => {});
  assertEquals(whole.names, names);
  assertEquals(counted(whole.run), { early: 0.5, late: 0.25 });
  const bare = await moved((model) => Object.assign(model, { early: null, late: null }));
  assertEquals([bare.names, bare.run.auxiliary], [["first", "second", "head"], []]);
  assertNotEquals(bare.after.first, whole.after.first);
  // a frozen head still has a gradient for what is below it
  const lent = await moved((model) => freeze(model, ["early", "late"]));
  assertEquals([lent.names, counted(lent.run)], [["first", "second", "head"], { early: 0.5, late: 0.25 }]);
  assertNotEquals(lent.after.first, bare.after.first);
});

noLeaks(
  "a head below which nothing trains counts nothing and stays, with features kept or not; the record says so",
  async () => {
    const results: Record<string, number[]>[] = [];
    for (const cache of [true, false]) {
      manualSeed(1);
      const model = new Branched();
      freeze(model, { until: "second" });
      const before = await weights(model);
      const run = await train(model, { cache });
      const after = await weights(model);
      assertEquals(run.cachedAt, cache ? "second" : undefined);
      const told = [{ module: "early", weight: 0 }, { module: "late", weight: 0.25 }];
      assertEquals([run.auxiliary, run.toJSON().auxiliary, runs().at(-1)!.toJSON().auxiliary], [told, told, told]);
      const words = "The training loss has 0.25 × that of late in it; early counts nothing: all below is frozen";
      assertEquals((run.spec() as ChartSpec).subtitle?.split(". ").at(-1), words);
      assertEquals((runs().at(-1)!.spec() as ChartSpec).subtitle, words);
      assertEquals([after.first, after.early], [before.first, before.early]);
      assertNotEquals(after.late, before.late);
      results.push(after);
      release(model);
    }
    assertEquals(results[0], results[1]);
  },
);

noLeaks("a head alone can train on a frozen network", async () => {
  manualSeed(1);
  const model = new Branched();
  freeze(model, { except: ["early"] });
  const before = await weights(model);
  const run = await train(model);
  assertEquals([run.cachedAt, counted(run)], [undefined, { early: 0.5 }]);
  const after = await weights(model);
  assertEquals(Object.keys(after).filter((name) => String(after[name]) !== String(before[name])), ["early"]);
  release(model);
});

noLeaks("as a network thaws, heads begin to count", async () => {
  manualSeed(1);
  const model = new Branched();
  const seen: Record<string, number>[] = [];
  const unfreeze = unfreezeSchedule(model, { every: 1 });
  await train(model, { unfreeze, epochs: 3, onEpoch: (_epoch, run) => void seen.push(counted(run)) });
  assertEquals(seen, [{}, { late: 0.25 }, { early: 0.5, late: 0.25 }]);
  release(model);
});

noLeaks("what a stage makes does not depend on the head that comes off it", async () => {
  manualSeed(1);
  const model = new Branched();
  const digests = async () => (await trunkOf(model, ["head"])).digests;
  const plain = await digests();
  (model.early as nn.Linear).weight.reset();
  assertEquals(await digests(), plain);
  model.first.weight.reset();
  assertEquals((await digests()).map((digest, i) => digest === plain[i]), [true, false, false]);
  release(model);
});

noLeaks("a head for other classes is refused by name", async () => {
  manualSeed(1);
  const model = new Branched();
  model.late = new nn.Linear(4, 5);
  await assertRejects(
    () => train(model),
    TypeError,
    "Cannot train Branched on points: expected 2 outputs of its auxiliary head late, one for each class, found 5; " +
      "replaceHead(model, 2) gives it a new one too, model.late = null takes it away",
  );
  release(model);
});

/** The weights of a network's parts. */
async function weights(model: nn.Module): Promise<Record<string, number[]>> {
  const pairs = model.namedChildren().map(async ([name, part]) => {
    return [name, [...await (part as nn.Linear).weight.value.data()]] as [string, number[]];
  });
  return Object.fromEntries(await Promise.all(pairs));
}
