import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors, type LabelledDataset } from "../../../lib/data/mod.ts";
import { interrupt } from "../../../lib/display/interrupt.ts";
import { isSpec, mimeBundle, toHtml, toText } from "../../../lib/display/mod.ts";
import { manualSeed } from "../../../lib/engine/mod.ts";
import * as nn from "../../../lib/nn/mod.ts";
import { strategy } from "../../../lib/study/strategy/strategy.ts";
import type { StrategyOptions } from "../../../lib/study/strategy/strategy_options.ts";
import { freeze } from "../../../lib/training/mod.ts";
import { uniform } from "../../golden/values.ts";
import { noLeaks, onEachEngine, release } from "../../tensors.ts";

/** Pictures whose class is how fast they change from left to right, which their mean colour does not tell. */
function stripes(count: number): { x: tf.Tensor; data: LabelledDataset } {
  const side = 8, noise = uniform("stripes", count * side * side * 3);
  const labels = Array.from({ length: count }, (_, i) => i % 3);
  const values = Float32Array.from(noise, (u, k) => {
    const column = Math.floor(k / 3) % side, label = labels[Math.floor(k / (side * side * 3))];
    return Math.sign(Math.sin((column + 0.5) * Math.PI / [4, 2, 1][label])) + 3 * (u - 0.5);
  });
  const x = tf.tensor4d(values, [count, side, side, 3]);
  return { x, data: fromTensors(x, labels, { name: "stripes", classes: ["slow", "medium", "fast"] }) };
}

function network(): nn.Sequential {
  manualSeed(2);
  return new nn.Sequential({
    conv: new nn.Conv2d(3, 12, 3, { padding: 1 }),
    relu: new nn.ReLU(),
    deeper: new nn.Conv2d(12, 16, 3, { padding: 1 }),
    relu2: new nn.ReLU(),
    pool: new nn.AdaptiveAvgPool2d(1),
    flatten: new nn.Flatten(),
    head: new nn.Linear(16, 5),
  });
}

const quiet: StrategyOptions = { display: false };

onEachEngine("strategy: figures of each stage, the quadrant and a cut that freeze takes", async () => {
  const { x, data } = stripes(150);
  const model = network();
  model.classes = ["a", "b", "c", "d", "e"];
  const found = await strategy(model, data, quiet);
  const { figures, quadrant, recommendation } = found;
  assertEquals(figures.stages.map(({ stage }) => stage), [
    "conv",
    "relu",
    "deeper",
    "relu2",
    "pool",
    "flatten",
    "head",
  ]);
  assertEquals(figures.stages.map(({ features }) => features), [3, 12, 12, 16, 16, 16, 16]);
  assertEquals(figures.stages.map(({ parameters }) => parameters), [336, 0, 1744, 0, 0, 0, 85]);
  const by = (name: string) => figures.stages.find(({ stage }) => stage === name)!;
  assert(by("deeper").accuracy > 0.8, "a convolution tells stripes apart");
  assert(by("conv").accuracy < 0.6, "their mean colour does not");
  assert(by("deeper").logME > by("conv").logME);
  assertEquals([by("pool").accuracy, by("pool").logME], [by("head").accuracy, by("head").logME]);
  assertEquals(figures.images, { total: 120, classes: 3, median: 40, least: 40 });
  assertEquals(figures.judged, { count: 150, folds: 5 });
  assertAlmostEquals(figures.chance, 1 / 3, 1e-9);
  assertEquals([figures.noLeep, figures.outputs], [undefined, 5]);
  assertStringIncludes(found.summary, "Its head has 5 outputs: give it one of 3 first.");
  assert(figures.leep! < 0);
  assertEquals(quadrant.size, "small");
  assertEquals(quadrant.task === "similar", figures.similarity.value >= 0.2);
  assert(["conv", "deeper", "head"].includes(recommendation.until));
  freeze(model, { until: recommendation.until });
  assert(model.training && model.get("conv").training, "modes are as they were");
  const again = await strategy(model, data, quiet);
  assertEquals({ ...again.toJSON(), seconds: 0 }, { ...found.toJSON(), seconds: 0 });
  release(model);
  x.dispose();
});

noLeaks("strategy: limits decide the quadrant, a split is taken as it is", async () => {
  const { x, data } = stripes(60);
  const model = network();
  const split = data.split({ validation: 0.25, seed: 3 });
  const large = await strategy(model, split, { ...quiet, large: 15, similar: 0.999 });
  assertEquals(large.quadrant, { size: "large", task: "different" });
  assertEquals(large.figures.images.median, 15);
  assertEquals(large.figures.noLeep, "the network names no classes that it was pretrained for");
  const small = await strategy(model, split, { ...quiet, large: 15.5, similar: 1e-9 });
  assertEquals(small.quadrant.size, "small");
  const { stages, seconds: _, limits: __, ...rest } = small.figures;
  assertEquals({ ...rest, stages }, (({ seconds: _, limits: __, ...other }) => other)(large.figures));
  release(model);
  x.dispose();
});

noLeaks("strategy tells why there is no LEEP, without making a new head's values", async () => {
  const { x, data } = stripes(30);
  const reason = async (classes: string[], head?: nn.Linear) => {
    const model = network();
    model.classes = classes;
    if (head) Object.assign(model, { head });
    const { figures } = await strategy(model, data, quiet);
    const initialized = model.get("head", nn.Linear).weight.initialized;
    release(model);
    return [figures.leep === undefined, figures.noLeep, initialized];
  };
  assertEquals(await reason(["slow", "medium", "fast"]), [true, "the network's own classes are the data's", false]);
  assertEquals(await reason(["a", "b"]), [
    true,
    "the network was pretrained for 2 classes, not for more than the data's 3",
    false,
  ]);
  assertEquals(await reason(["a", "b", "c", "d", "e"], new nn.Linear(16, 3)), [
    true,
    "the head has 3 outputs and is not that of the network's 5 classes",
    false,
  ]);
  x.dispose();
});

noLeaks("strategy shows itself as words, a plot of the quadrants, a table, curves and a freeze map", async () => {
  const { x, data } = stripes(60);
  const model = network();
  const found = await strategy(model, data, quiet);
  const spec = found.spec();
  assert(isSpec(spec) && spec.kind === "stack");
  assertEquals(spec.items.map(({ kind }) => kind), ["text", "chart", "table", "chart", "blocks"]);
  const text = toText(spec);
  assertEquals(String(found), text);
  const { until, advice } = found.recommendation;
  assertStringIncludes(text, "Sequential on stripes: 16 training images a class (the median; 16 at least) are few");
  assertStringIncludes(text, `${until} ◀ cut here`);
  assertStringIncludes(text, advice.slice(1));
  assertStringIncludes(text, "no LEEP: the network names no classes that it was pretrained for");
  assertStringIncludes(await toHtml(spec), "◀ cut here");
  const [, quadrants, , curves] = spec.items;
  for (const chart of [quadrants, curves]) assert((await mimeBundle(chart))["image/png"]);
  assert(quadrants.kind === "chart");
  const { panels: [panel] } = quadrants;
  assertEquals([panel.series[0].x, panel.series[0].y], [[16], [found.figures.similarity.value]]);
  const chosen = panel.marks!.filter(({ tone }) => tone === "accent");
  assertEquals(chosen.map(({ label }) => label), [
    found.quadrant.task === "similar" ? "train the head" : "cut earlier",
  ]);
  const json = JSON.parse(JSON.stringify(found));
  assertEquals([json.model, json.recommendation.until], ["Sequential", until]);
  release(model);
  x.dispose();
});

noLeaks("strategy is ended by its signal and by the stop button, in the features and in the judging", async () => {
  const { x, data } = stripes(60);
  const model = network();
  const before = AbortSignal.abort();
  const error = await assertRejects(() => strategy(model, data, { ...quiet, signal: before }), DOMException);
  assertEquals(error.name, "AbortError");
  // after two batches' features, while a stage is judged
  let looks = 0;
  const signal = {
    throwIfAborted() {
      if (++looks === 12) throw new DOMException("while probing", "AbortError");
    },
  } as AbortSignal;
  const forwards: number[] = [];
  const remove = nn.onForward(model.get("flatten"), () => forwards.push(looks));
  const options = { ...quiet, batchSize: 60, signal };
  await assertRejects(() => strategy(model, data, options), DOMException, "while probing");
  assertEquals([forwards.length, looks], [2, 12]);
  // and by the notebook's stop button
  const press = nn.onForward(model.get("flatten"), () => interrupt());
  await assertRejects(() => strategy(model, data, quiet), DOMException, "Stopped by the stop button");
  [remove, press].forEach((end) => end());
  release(model);
  x.dispose();
});

noLeaks("strategy names what does not fit", async () => {
  const { x, data } = stripes(30);
  const model = network();
  const refused = async (
    options: StrategyOptions,
    text: string,
    type: typeof RangeError | typeof TypeError = RangeError,
  ) => void await assertRejects(() => strategy(model, data, options), type, text);
  await refused({ large: 0 }, "Cannot find a strategy: expected large to be a number of images ≥ 1, found 0");
  await refused({ similar: 2 }, "Cannot find a strategy: expected similar to be a number between 0 and 1, found 2");
  await refused({ batchSize: 1.5 }, "Cannot find a strategy: expected batchSize to be a whole number ≥ 1, found 1.5");
  await refused({ epochs: 3 } as StrategyOptions, "Cannot find a strategy: expected", TypeError);
  await assertRejects(
    () => strategy({} as nn.Module, data),
    TypeError,
    "Cannot find a strategy: expected a network, found",
  );
  await assertRejects(
    () => strategy(model, { name: "x", classes: [], train: data } as never),
    TypeError,
    'Cannot find a strategy: expected a split with validation samples, found none in "x"; a dataset alone is split by itself',
  );
  await assertRejects(
    () => strategy(new nn.Sequential(new nn.Flatten()), data),
    TypeError,
    "Cannot find a strategy for Sequential: expected a network with parameters, found none",
  );
  release(model);
  x.dispose();
});
