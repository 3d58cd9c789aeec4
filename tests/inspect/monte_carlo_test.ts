import { assert, assertAlmostEquals, assertEquals, assertLess, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { data, freeze, type MonteCarlo, monteCarloDropout, nn, onForward, type StackSpec, toHtml } from "thaw";
import { pictureSamples } from "../../lib/data/pictures.ts";
import { random } from "../../lib/engine/random.ts";
import { noLeaks, release } from "../tensors.ts";
import { convNet, picture, stateOf, transforms } from "./dropout_nets.ts";

/** Pictures of noise. */
function pictures(count: number, classes = ["a", "b", "c"]): data.LabelledDataset {
  const labels = Array.from({ length: count }, (_, i) => i % classes.length);
  return new data.LabelledDataset(pictureSamples(labels.map((_, i) => picture(i))), { name: "noise", classes, labels });
}

const figures = ({ samples }: MonteCarlo) =>
  samples.map(({ mean, deviation, entropy, mutualInformation }) => [...mean, ...deviation, entropy, mutualInformation]);

/** The same network, of which nobody knows how its parts connect. */
class Opaque extends nn.Module {
  constructor(readonly body: nn.Sequential) {
    super();
  }
  override forward(x: tf.Tensor): tf.Tensor {
    return this.body.forward(x);
  }
}

noLeaks("monteCarloDropout: mean and spread over passes, as a plain loop has them", async () => {
  const drop = new nn.Dropout(0.5);
  const net = new nn.Sequential(drop, new nn.Linear(6, 3));
  const x = tf.randomUniform([5, 6], -1, 1, "float32", 1);
  const passes = 400;
  const found = await monteCarloDropout(net, x, { passes, batchSize: 2 });
  assertEquals([found.passes, found.samples.length, found.layers], [passes, 5, ["0"]]);
  assertEquals([found.accuracy, found.plainAccuracy, found.separation], [undefined, undefined, undefined]);
  const rows: number[][][] = [];
  net.eval();
  drop.train();
  for (let pass = 0; pass < passes; pass++) {
    const output = tf.tidy(() => tf.softmax(net.forward(x) as tf.Tensor2D));
    rows.push(await output.array() as number[][]);
    output.dispose();
  }
  const entropy = (row: readonly number[]) => -row.reduce((sum, p) => sum + p * Math.log(p), 0);
  for (const [i, sample] of found.samples.entries()) {
    const means = [0, 1, 2].map((c) => rows.reduce((sum, row) => sum + row[i][c], 0) / passes);
    means.forEach((mean, c) => {
      const spread = Math.sqrt(rows.reduce((sum, row) => sum + (row[i][c] - mean) ** 2, 0) / (passes - 1));
      // both are means of 400 draws
      assertLess(Math.abs(sample.mean[c] - mean), 5 * spread * Math.sqrt(2 / passes));
      assertLess(Math.abs(sample.deviation[c] - spread), 0.2 * spread);
    });
    assertAlmostEquals(sample.entropy, entropy([...sample.mean]), 1e-5);
    const within = rows.reduce((sum, row) => sum + entropy(row[i]), 0) / passes;
    assertAlmostEquals(sample.mutualInformation, entropy(means) - within, 0.03);
    assertEquals(sample.predicted, `class ${sample.mean.indexOf(Math.max(...sample.mean))}`);
  }
  x.dispose();
  release(net);
});

noLeaks("monteCarloDropout: the same from a seed; network and random generator are as they were", async () => {
  const model = convNet();
  model.train();
  model.get("relu").eval();
  const dataset = pictures(7);
  const [state, drawn] = [await stateOf(model), random.save()];
  const run = (seed: number) => monteCarloDropout(model, dataset, { passes: 3, batchSize: 3, seed });
  const [a, b, c] = [await run(1), await run(1), await run(2)];
  assertEquals(figures(a), figures(b));
  assert(String(figures(a)) !== String(figures(c)));
  assertEquals(await stateOf(model), state, "running statistics too");
  assertEquals(random.save(), drawn);
  release(model);
});

noLeaks("monteCarloDropout: what comes before dropout is computed once a batch, with the same numbers", async () => {
  const model = convNet();
  const calls = { conv: 0, head: 0 };
  const removers = (["conv", "head"] as const).map((name) => onForward(model.get(name), () => void calls[name]++));
  const dataset = pictures(7);
  const stagewise = await monteCarloDropout(model, dataset, { passes: 6, batchSize: 4 });
  assertEquals(calls, { conv: 2, head: 14 });
  const whole = await monteCarloDropout(new Opaque(model), dataset, { passes: 6, batchSize: 4, transforms });
  assertEquals(calls, { conv: 16, head: 28 });
  assertEquals(figures(whole), figures(stagewise));
  assertEquals([whole.layers, stagewise.layers], [["body.drop"], ["drop"]]);
  removers.forEach((remove) => remove());
  release(model);
});

noLeaks("monteCarloDropout: everything but dropout is as in evaluation, and frozen dropout drops too", async () => {
  const model = convNet();
  const modes = new Set<string>();
  const removers = model.namedModules().map(([path, module]) =>
    onForward(module, (module) => void modes.add(`${path} ${module.isTraining}`))
  );
  const free = await monteCarloDropout(model, pictures(4), { passes: 3 });
  const on = [...modes].filter((one) => one.endsWith("true"));
  assertEquals(on, ["drop true"]);
  removers.forEach((remove) => remove());
  freeze(model);
  const frozen = await monteCarloDropout(model, pictures(4), { passes: 3 });
  assertEquals(figures(frozen), figures(free));
  assertLess(0, frozen.samples[0].deviation[0]);
  assertEquals(model.get("drop").frozen, true);
  release(model);
});

noLeaks(
  "monteCarloDropout: accuracy of the mean and of the plain network, where the classes are the network's",
  async () => {
    const model = convNet();
    const dataset = pictures(9);
    const found = await monteCarloDropout(model, dataset, { passes: 5 });
    const names = ["a", "b", "c"];
    const plain = await model.predict(await Promise.all([...dataset.labels.keys()].map((i) => dataset.picture!(i))));
    found.samples.forEach((sample, i) => {
      assertEquals(sample.actual, names[dataset.labels[i]]);
      assertEquals(sample.plain, names[plain.at(i).top[0].index]);
      assertEquals(sample.predicted, names[sample.mean.indexOf(Math.max(...sample.mean))]);
      assertEquals([sample.right, sample.plainRight], [
        sample.predicted === sample.actual,
        sample.plain === sample.actual,
      ]);
    });
    const share = (key: "right" | "plainRight") => found.samples.filter((sample) => sample[key]).length / 9;
    assertEquals([found.accuracy, found.plainAccuracy], [share("right"), share("plainRight")]);
    assertStringIncludes(
      String(found),
      "5 passes over 9 images of noise, dropping at drop: the mean of the passes is right",
    );
    const others = await monteCarloDropout(model, pictures(4, ["x", "y"]), { passes: 2 });
    assertEquals([others.accuracy, others.samples[0].actual, others.samples[0].right], [
      undefined,
      undefined,
      undefined,
    ]);
    release(model);
  },
);

noLeaks("monteCarloDropout: displays the least and the most certain, and what that tells", async () => {
  const model = convNet();
  const found = await monteCarloDropout(model, pictures(9), { passes: 5, count: 2 });
  const [text, least, most, chart] = (await found.spec() as StackSpec).items;
  assertEquals(text, { kind: "text", text: found.summary });
  assert(least.kind === "images" && most.kind === "images" && chart.kind === "chart");
  assertEquals([least.title, least.items.length, most.title, most.items.length], [
    "Least certain",
    2,
    "Most certain",
    2,
  ]);
  const sorted = found.samples.toSorted((a, b) => b.entropy - a.entropy);
  assertEquals(least.items[0].caption, `${sorted[0].actual}, ${sorted[0].entropy.toFixed(2)}`);
  assertEquals(most.items[0].caption, `${sorted[8].actual}, ${sorted[8].entropy.toFixed(2)}`);
  const [bar] = least.items[0].bars!;
  const top = sorted[0].mean.indexOf(Math.max(...sorted[0].mean));
  assertEquals(bar.label, `${["a", "b", "c"][top]} ±${Math.round(100 * sorted[0].deviation[top])}`);
  assertAlmostEquals(bar.value, sorted[0].mean[top]);
  const [kept, entropies] = chart.panels;
  assertAlmostEquals(kept.series[0].y.at(-1)!, found.accuracy!, 1e-12);
  for (const { y } of entropies.series) assertAlmostEquals((y as number[]).reduce((a, b) => a + b), 1, 1e-9);
  assertStringIncludes(await toHtml(await found.spec()), "Least certain");
  const json = JSON.parse(JSON.stringify(found));
  assertEquals([json.samples.length, json.samples[0].mean.length, json.accuracy], [9, 3, found.accuracy]);
  release(model);
});

noLeaks("monteCarloDropout: pictures, one of them, and tensors have no right answers", async () => {
  const model = convNet();
  model.classes = ["a", "b", "c"];
  const one = await monteCarloDropout(model, picture(1), { passes: 2 });
  assertEquals([one.samples.length, one.accuracy, one.classes], [1, undefined, ["a", "b", "c"]]);
  assertEquals((await one.spec() as StackSpec).items.map(({ kind }) => kind), ["text", "images"]);
  const two = await monteCarloDropout(model, [picture(1), picture(2)], { passes: 2 });
  assertEquals((await two.spec() as StackSpec).items.map(({ kind }) => kind), ["text", "images", "images", "chart"]);
  const x = await data.preprocess([picture(1), picture(2)], transforms);
  const same = await monteCarloDropout(model, x, { passes: 2 });
  assertEquals(figures(same), figures(two));
  assertEquals((await same.spec() as StackSpec).items.map(({ kind }) => kind), ["text", "table", "table", "chart"]);
  x.dispose();
  release(model);
});

Deno.test("monteCarloDropout: the network's modes are as they were after an error too", async () => {
  class Broken extends nn.Module {
    drop = new nn.Dropout(0.5);
    override forward(x: tf.Tensor): tf.Tensor {
      if (this.drop.isTraining) throw new Error("no such pass");
      return x.clone();
    }
  }
  const net = new Broken().train();
  net.drop.frozen = true;
  const x = tf.ones([2, 3]);
  const [before, drawn] = [tf.memory().numTensors, random.save()];
  await assertRejects(() => monteCarloDropout(net, x), Error, "no such pass");
  assertEquals([net.training, net.drop.training, net.drop.frozen], [true, true, true]);
  assertEquals(tf.memory().numTensors, before);
  assertEquals(random.save(), drawn);
  x.dispose();
});

Deno.test("monteCarloDropout: what cannot be is said", async () => {
  const net = new nn.Sequential(new nn.Dropout(0.5), new nn.Linear(2, 2));
  const x = tf.ones([1, 2]);
  const refuse = async (run: () => Promise<unknown>, type: typeof TypeError | typeof RangeError, message: string) =>
    assertEquals((await assertRejects(run, type)).message, message);
  await refuse(
    () => monteCarloDropout(new nn.Sequential({ fc: new nn.Linear(2, 2) }), x),
    TypeError,
    "Cannot run Monte-Carlo dropout of Sequential: expected a dropout layer, found none; " +
      'setDropout(model, 0.5, "fc") puts one in',
  );
  await refuse(
    () => monteCarloDropout(new nn.Sequential(new nn.Dropout(0), new nn.Dropout2d(0)), x),
    TypeError,
    "Cannot run Monte-Carlo dropout of Sequential: expected a dropout layer with p above 0, " +
      'found p 0 in "0", "1"; setDropout(model, 0.5) gives them another',
  );
  await refuse(
    () => monteCarloDropout(net, x, { passes: 1 }),
    RangeError,
    "Cannot run Monte-Carlo dropout: expected passes to be a whole number ≥ 2, found 1",
  );
  await refuse(
    () => monteCarloDropout(net, x, { samples: 3 } as object),
    TypeError,
    "Cannot run Monte-Carlo dropout: expected options { passes, seed, batchSize, count, transforms }, " +
      'found "samples"',
  );
  await refuse(
    () => monteCarloDropout(new nn.Sequential(new nn.Dropout(0.5), new nn.Flatten()), tf.zeros([3, 1])),
    TypeError,
    "Cannot run Monte-Carlo dropout: expected logits [N, classes] of two classes or more, found [3, 1]",
  );
  const expected = "Cannot run Monte-Carlo dropout: expected a dataset, pictures or a tensor [N, …], found ";
  const points = data.fromTensors(tf.zeros([4, 2]), [0, 0, 1, 1]);
  for (
    const [given, found] of [
      [undefined, "undefined"],
      [[], "none"],
      [[picture(1), 3], "3"],
      [points.split({ validation: 0.5 }), "a split; pass one of its parts, such as split.validation"],
      [tf.zeros([0, 2]), "a tensor [0, 2]"],
    ] as const
  ) {
    // deno-lint-ignore no-explicit-any
    await refuse(() => monteCarloDropout(net, given as any), TypeError, expected + found);
  }
  await refuse(
    () => monteCarloDropout(net, picture(1)),
    TypeError,
    "Cannot run Monte-Carlo dropout of Sequential: expected to know how a picture becomes its input, found no " +
      "transforms; pass { transforms } or set model.transforms",
  );
});
