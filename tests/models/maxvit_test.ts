import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { manualSeed } from "../../lib/engine/random.ts";
import * as models from "../../lib/models/mod.ts";
import { freeze } from "../../lib/training/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, onEachEngine, read, release } from "../tensors.ts";
import { assertFigures, figures, fill } from "./blocks/window_figures.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

const settings: models.MaxVitSettings = {
  headDim: 4,
  partitionSize: 3,
  squeezeRatio: 0.25,
  expansionRatio: 4,
  mlpRatio: 2,
  mlpDropout: 0,
  attentionDropout: 0,
  normLayer: (channels) => new nn.BatchNorm2d(channels, { eps: 1e-3, momentum: 0.01 }),
  activationLayer: () => new nn.GELU(),
};

/** A network of three layers for pictures of 24 pixels. */
function small(options: Partial<models.MaxVitArguments> = {}): models.MaxVit {
  const shape = { stemChannels: 4, partitionSize: 3, blockChannels: [4, 8], blockLayers: [1, 2], headDim: 4 };
  return new models.MaxVit({ ...shape, inputSize: 24, numClasses: 3, ...options });
}

noLeaks("maxvit_t: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.maxvit_t;
  const model = models.maxvit_t();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

for (const expected of figures.layers) {
  const { name, inputs, outputs, stride, grid, partition, text } = expected;
  onEachEngine(`${name}: torchvision's text, numbers and gradients in training`, async () => {
    const own = { ...settings, partitionSize: partition };
    const module = new models.MaxVitLayer(inputs, outputs, stride, [grid, grid], 0, own);
    assertEquals(String(module), text);
    fill(name, module);
    await assertFigures(module, [2, grid * stride, grid * stride, inputs], expected);
    release(module);
  });
}

noLeaks("maxvit: the pixels of a grid's group lie evenly over the map, those of a window side by side", async () => {
  const x = tf.tensor4d(Array.from({ length: 36 }, (_, i) => i), [1, 6, 6, 1]);
  const window = new models.WindowPartition(3).forward(x);
  assertEquals((await read(tf.slice(window, [0, 1, 0, 0], [1, 1, 9, 1]))).data.join(), "3,4,5,9,10,11,15,16,17");
  const whole = new models.WindowDepartition(3, 2, 2).forward(window);
  assertEquals(await whole.data(), await x.data());
  const squares = new models.WindowPartition(2).forward(x);
  const swap = new models.SwapAxes(-2, -3);
  const grid = swap.forward(squares);
  assertEquals(grid.shape, [1, 4, 9, 1]);
  assertEquals((await read(tf.slice(grid, [0, 1, 0, 0], [1, 1, 9, 1]))).data.join(), "1,3,5,13,15,17,25,27,29");
  tf.dispose([x, window, whole, squares, grid]);
});

noLeaks("maxvit: the stages in forward order are the whole network, a replaced head included", async () => {
  const model = small();
  model.classifier[5] = new nn.Linear(8, 9);
  const stages = model.stages();
  assertEquals(stages.map(({ name }) => name), ["stem", "blocks.0", "blocks.1", "classifier"]);
  assertEquals(stages.flatMap(({ modules }) => modules), ["stem", "blocks.0", "blocks.1", "classifier"]);
  const x = tf.randomNormal([2, 24, 24, 3]);
  model.eval();
  const whole = model.forward(x);
  const body = tf.tidy(() => nn.runStages(stages.slice(0, 3), x));
  const head = tf.tidy(() => nn.runStages(stages.slice(3), body));
  assertEquals([body.shape, head.shape], [[2, 3, 3, 8], [2, 9]]);
  assertEquals(await head.data(), await whole.data());
  tf.dispose([x, whole, body, head]);
  release(model);
});

Deno.test("maxvit: freezing may divide a block", () => {
  const model = small();
  const plan = freeze(model, { until: "blocks.1.layers.1" });
  assertEquals(plan.stages.map(({ state }) => state), ["frozen", "frozen", "partly", "trainable"]);
  assertEquals(model.get("blocks.1.layers.0").frozen, true);
  assertEquals(model.get("blocks.1.layers.1").frozen, false);
});

noLeaks("maxvit: options reach the layers, and training draws", async () => {
  manualSeed(1);
  const options = {
    stochasticDepthProb: 0.5,
    mlpDropout: 0.25,
    attentionDropout: 0.125,
    mlpRatio: 3,
    squeezeRatio: 0.5,
  };
  const model = small({ ...options, expansionRatio: 2 });
  const layer = model.get("blocks.1.layers.1.layers");
  assertEquals(String(layer.get("grid_attention")).match(/p=[\d.]+/g), ["p=0.125", "p=0.25", "p=0.5"]);
  assertEquals(String(layer.get("MBconv.stochastic_depth")), "StochasticDepth(p=0.5, mode=row)");
  assertEquals(layer.get("grid_attention.mlp_layer.1", nn.Linear).outFeatures, 24);
  assertEquals(layer.get("MBconv.layers.squeeze_excitation.fc1", nn.Conv2d).weight.shape, [4, 16, 1, 1]);
  const x = tf.randomNormal([2, 24, 24, 3]);
  assert((await read(model.forward(x))).data.join() !== (await read(model.forward(x))).data.join());
  model.eval();
  assertEquals((await read(model.forward(x))).data, (await read(model.forward(x))).data);
  x.dispose();
  release(model);
});

noLeaks("maxvit: another inputSize has the same weights", async () => {
  const model = small(), larger = small({ inputSize: [48, 48] });
  const entries = (one: nn.Module) => one.namedState().map(([name, { shape }]) => [name, shape]);
  assertEquals(entries(larger), entries(model));
  const x = tf.randomNormal([1, 48, 48, 3]);
  assertEquals((await read(larger.eval().forward(x))).shape, [1, 3]);
  const { message } = assertThrows(() => model.eval().forward(x), TypeError);
  assertEquals(
    message,
    'Cannot run "blocks.0.layers.0.layers.window_attention" (PartitionAttentionLayer): expected feature maps of 6×6 pixels, ' +
      "found [1, 12, 12, 4]; make the network with the inputSize of its pictures",
  );
  x.dispose();
  release(model, larger);
});

noLeaks("maxvit: initial values are torchvision's", async () => {
  const model = models.maxvit_t();
  const spread = async ({ value }: nn.Parameter) => {
    const data = await value.data() as Float32Array;
    return Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length);
  };
  const linear = "blocks.1.layers.0.layers.window_attention.attn_layer.1.to_qkv";
  for (const path of [linear, "blocks.2.layers.0.layers.MBconv.layers.conv_c", "classifier.3", "stem.1.0"]) {
    const { weight, bias } = model.get(path) as nn.Linear;
    assert(Math.abs(await spread(weight) / 0.02 - 1) < 0.05, path);
    assertEquals(await spread(bias!), 0, path);
  }
  release(model);
});

Deno.test("maxvit: what a network cannot have is refused", () => {
  assertThrows(
    () => models.maxvit_t({ inputSize: [200, 200] }),
    RangeError,
    "Cannot make MaxVit: expected inputSize to make feature maps that divide into partitions of 7×7 pixels, found [200, 200], " +
      "whose maps in block 0 have 50×50; take a multiple of 224 for height and width",
  );
  assertThrows(
    () => models.maxvit_t({ inputSize: [224, 448] }),
    RangeError,
    "Cannot make MaxVit: expected inputSize to be square, since the grids are, found [224, 448]; take a multiple of 224 for " +
      "height and width",
  );
  assertThrows(
    () => models.maxvit_t({ inputSize: 0 }),
    RangeError,
    "Cannot make MaxVit: expected inputSize to be a whole number ≥ 1, found 0",
  );
  assertThrows(
    () => models.maxvit_t({ stochasticDepthProb: 2 }),
    RangeError,
    "Cannot make MaxVit: expected stochasticDepthProb to be from 0 to 1, found 2",
  );
  assertThrows(
    () => models.maxvit_t({ squeezeRatio: -1 }),
    RangeError,
    "Cannot make MaxVit: expected squeezeRatio to be a number above 0, found -1",
  );
  assertThrows(
    () => small({ blockLayers: [1] }),
    TypeError,
    "Cannot make MaxVit: expected blockChannels and blockLayers to be as many numbers of channels and of layers, found [4,8] " +
      "and [1]",
  );
  assertThrows(
    () => small({ headDim: 3 }),
    RangeError,
    "Cannot make RelativePositionalMultiHeadAttention: expected featDim divisible by headDim 3, found 4",
  );
  const make = (...args: unknown[]) => () =>
    new models.PartitionAttentionLayer(...args as ConstructorParameters<typeof models.PartitionAttentionLayer>);
  assertThrows(
    make(4, "rows", [6, 6], 0, settings),
    RangeError,
    'Cannot make PartitionAttentionLayer: expected partitionType to be "window" or "grid", found "rows"',
  );
  assertThrows(
    make(4, "window", [6, 7], 0, settings),
    RangeError,
    "Cannot make PartitionAttentionLayer: expected gridSize to be multiples of partitionSize 3, found [6,7]",
  );
  assertThrows(
    make(4, "grid", [6, 9], 0, settings),
    RangeError,
    "Cannot make PartitionAttentionLayer: expected gridSize to be square for a grid, found [6,9]",
  );
  const attention = new models.RelativePositionalMultiHeadAttention(8, 4, 9);
  const x = tf.zeros([1, 2, 4, 8]);
  assertThrows(
    () => attention.forward(x),
    TypeError,
    "Cannot run RelativePositionalMultiHeadAttention: expected input [N, groups, 9, 8], found [1, 2, 4, 8]",
  );
  x.dispose();
});
