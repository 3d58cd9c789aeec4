import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { fromTensors } from "../../lib/data/mod.ts";
import { useEngine } from "../../lib/engine/mod.ts";
import { manualSeed } from "../../lib/engine/random.ts";
import * as models from "../../lib/models/mod.ts";
import { computeGradients, fit, freeze } from "../../lib/training/mod.ts";
import { nn } from "../nn/nn.ts";
import { engines } from "../engine_for_tests.ts";
import { assertClose, noLeaks, onEachEngine, type Plain, read, release } from "../tensors.ts";
import { assertFigures, figures, fill } from "./blocks/window_figures.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");
const merging = { PatchMerging: models.PatchMerging, PatchMergingV2: models.PatchMergingV2 };

/** A network of four blocks, the second and fourth with shifted windows. */
function small(options: models.SwinArguments = {}): models.SwinTransformer {
  return new models.SwinTransformer([4, 4], 8, [2, 2], [2, 4], [3, 3], { numClasses: 3, ...options });
}

noLeaks("swin_t: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.swin_t;
  const model = models.swin_t();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

Deno.test("swin_v2_t: torchvision's keys, counts and text", () => {
  assertStructure(models.swin_v2_t(), golden.models.swin_v2_t);
});

for (const expected of figures.merging) {
  const { name, type, args: [dim], size } = expected;
  onEachEngine(`${name}: torchvision's numbers and gradients`, async () => {
    const module = new merging[type as keyof typeof merging](dim);
    fill(name, module);
    await assertFigures(module, [2, ...size, dim], expected);
    release(module);
  });
}

noLeaks("swin: the stages in forward order are the whole network, a replaced head included", async () => {
  const model = small();
  model.head = new nn.Linear(model.head.inFeatures, 9);
  const stages = model.stages();
  assertEquals(
    stages.map(({ name }) => name).join(" "),
    "features.0 features.1 features.2 features.3 norm avgpool head",
  );
  assertEquals(
    stages.flatMap(({ modules }) => modules),
    [0, 1, 2, 3].map((i) => `features.${i}`).concat(["norm", "permute", "avgpool", "flatten", "head"]),
  );
  const x = tf.randomNormal([2, 50, 38, 3]); // neither patches nor windows nor pairs divide it
  model.eval();
  const whole = model.forward(x);
  const body = tf.tidy(() => nn.runStages(stages.slice(0, 4), x));
  const head = tf.tidy(() => nn.runStages(stages.slice(4), body));
  assertEquals([body.shape, head.shape], [[2, 6, 5, 16], [2, 9]]);
  assertEquals(await head.data(), await whole.data());
  tf.dispose([x, whole, body, head]);
  release(model);
});

Deno.test("swin: freezing may divide a row of blocks", () => {
  const model = models.swin_t();
  const plan = freeze(model, { until: "features.1.1" });
  assertEquals(plan.stages.slice(0, 3).map(({ name, state }) => [name, state]), [
    ["features.0", "frozen"],
    ["features.1", "partly"],
    ["features.2", "trainable"],
  ]);
  assertEquals(model.get("features.1.0").frozen, true);
  assertEquals(model.get("features.1.1").frozen, false);
});

Deno.test("swin: options reach the blocks", () => {
  const model = small({ dropout: 0.25, attentionDropout: 0.125, stochasticDepthProb: 0.3, mlpRatio: 2 });
  const block = model.get("features.3.1", models.SwinTransformerBlock);
  assertEquals(String(block.mlp).match(/p=[\d.]+/g), ["p=0.25", "p=0.25"]);
  assertEquals((block.mlp as models.MLP).get("0", nn.Linear).outFeatures, 32);
  const { dropout, attentionDropout, shiftSize } = block.attn as models.ShiftedWindowAttention;
  assertEquals([dropout, attentionDropout, shiftSize], [0.25, 0.125, [1, 1]]);
  const depths = ["1.0", "1.1", "3.0", "3.1"].map((path) =>
    model.get(`features.${path}.stochastic_depth`, models.StochasticDepth).p
  );
  assertEquals(depths.map((p) => p.toFixed(2)), ["0.00", "0.10", "0.20", "0.30"]);
  const v2 = models.swin_v2_t({ stochasticDepthProb: 0 });
  assertEquals(v2.get("features.7.1.stochastic_depth", models.StochasticDepth).p, 0);
  assertEquals(models.toSpec(v2), { model: "swin_v2_t", options: { stochasticDepthProb: 0 } });
});

noLeaks("swin: stochastic depth leaves a block out for some samples, both halves when it is certain", async () => {
  manualSeed(1);
  const block = new models.SwinTransformerBlock(8, 2, [3, 3], [1, 1], { stochasticDepthProb: 1 });
  const x = tf.randomNormal([2, 6, 6, 8]);
  const out = await read(block.forward(x));
  assertEquals(out.data, await x.data() as Float32Array);
  const whole = await read(block.eval().forward(x));
  assert(whole.data.some((value, i) => value !== out.data[i]));
  const model = small({ stochasticDepthProb: 0.5 });
  const pictures = tf.randomNormal([1, 24, 24, 3]);
  const outcomes = new Set<string>();
  for (let i = 0; i < 12; i++) outcomes.add((await read(model.forward(pictures))).data.join());
  assert(outcomes.size > 1, "training draws");
  model.eval();
  assertEquals((await read(model.forward(pictures))).data, (await read(model.forward(pictures))).data);
  tf.dispose([x, pictures]);
  release(block, model);
});

noLeaks("swin: initial values are torchvision's", async () => {
  const model = models.swin_v2_t();
  const spread = async ({ value }: nn.Parameter) => {
    const data = await value.data() as Float32Array;
    return Math.sqrt(data.reduce((sum, v) => sum + v * v, 0) / data.length);
  };
  for (
    const path of ["features.1.0.attn.qkv", "features.3.1.mlp.0", "features.2.reduction", "features.5.0.attn.cpb_mlp.2"]
  ) {
    const { weight, bias } = model.get(path, nn.Linear);
    assert(Math.abs(await spread(weight) / 0.02 - 1) < 0.05, path);
    if (bias) assertEquals(await spread(bias), 0, path);
  }
  const { logit_scale } = model.get("features.1.0.attn", models.ShiftedWindowAttentionV2);
  assert(Math.abs(await spread(logit_scale) - Math.log(10)) < 1e-6);
  const first = new models.ShiftedWindowAttention(96, [7, 7], [0, 0], 3);
  assert(Math.abs(await spread(first.relative_position_bias_table) / 0.02 - 1) < 0.1);
  release(model, first);
});

noLeaks(
  "swin: a replaced head trains on features that are computed once, with the losses of the plain way",
  async () => {
    const x = tf.randomUniform([9, 24, 24, 3], -1, 1, "float32", 7) as tf.Tensor4D;
    const labels = Array.from({ length: 9 }, (_, i) => i % 3);
    const runs: number[][] = [];
    for (const cache of [true, false]) {
      manualSeed(3);
      const model = small();
      model.head = new nn.Linear(model.head.inFeatures, 3);
      freeze(model, { until: "head" });
      let pictures = 0;
      const remove = nn.onForward(model.get("features.0"), (_module, input) => pictures += input.shape[0]);
      const { weight } = model.get("features.3.1.attn", models.ShiftedWindowAttention).qkv;
      const before = (await weight.value.data()).slice();
      const points = fromTensors(x, labels);
      const { history, best } = await fit(model, points, {
        epochs: 4,
        batchSize: 3,
        learningRate: 0.05,
        cache,
        display: false,
      });
      remove();
      assertEquals(pictures, cache ? 9 : 36);
      assertEquals(await weight.value.data(), before);
      runs.push(history.map(({ loss }) => loss));
      release(model, best!.stateDict);
    }
    assert(runs[0].at(-1)! < runs[0][0], String(runs[0]));
    runs[0].forEach((loss, i) => assert(Math.abs(loss - runs[1][i]) < 1e-4, `${runs}`));
    x.dispose();
  },
);

noLeaks("swin: the last blocks train on wasm too, as on the engine in use", async () => {
  manualSeed(5);
  const model = small({ stochasticDepthProb: 0 });
  const x = tf.randomUniform([2, 24, 24, 3], -1, 1, "float32", 7) as tf.Tensor4D;
  freeze(model, { until: "features.3.0" });
  const trained = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
  const slopes: Plain[][] = [];
  for (const engine of [engines[0], "wasm"] as const) {
    await useEngine(engine);
    const { loss, gradients } = computeGradients(
      trained.map(([, parameter]) => parameter),
      () => tf.mean(tf.square(model.forward(x))) as tf.Scalar,
    );
    slopes.push(await Promise.all(gradients.map((gradient) => read(gradient!))));
    loss.dispose();
  }
  await useEngine(engines[0]);
  trained.forEach(([path], i) => assertClose(slopes[1][i], slopes[0][i], 1e-3, path));
  x.dispose();
  release(model);
});

Deno.test("swin: what a network cannot have is refused", () => {
  assertThrows(
    () => models.swin_t({ dropout: 1.5 }),
    RangeError,
    "Cannot make SwinTransformer: expected dropout to be from 0 to 1, found 1.5",
  );
  assertThrows(
    () => models.swin_t({ attentionDropout: "0.1" as unknown as number }),
    RangeError,
    'Cannot make SwinTransformer: expected attentionDropout to be from 0 to 1, found "0.1"',
  );
  assertThrows(
    () => models.swin_t({ stochasticDepthProb: -1 }),
    RangeError,
    "Cannot make SwinTransformer: expected stochasticDepthProb to be from 0 to 1, found -1",
  );
  assertThrows(
    () => models.swin_v2_b({ mlpRatio: 0 }),
    RangeError,
    "Cannot make SwinTransformer: expected mlpRatio to be a number above 0, found 0",
  );
  assertThrows(
    () => new models.SwinTransformer([4, 4], 8, [2, 2], [2], [3, 3]),
    TypeError,
    "Cannot make SwinTransformer: expected depths and numHeads to be as many numbers of blocks and of heads, found [2,2] and [2]",
  );
  assertThrows(
    () => new models.SwinTransformer([4, 4], 8, [2], [2], [3, 0]),
    RangeError,
    "Cannot make ShiftedWindowAttention: expected windowSize to be two whole numbers ≥ 1, found [3,0]",
  );
  assertThrows(
    () => new models.SwinTransformer([4, 0], 8, [2], [2], [3, 3]),
    RangeError,
    "Cannot make SwinTransformer: expected patchSize to be a whole number ≥ 1, found 0",
  );
});
