import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { manualSeed } from "../../lib/engine/random.ts";
import { featureMaps } from "../../lib/inspect/feature_maps.ts";
import { gradCam } from "../../lib/inspect/grad_cam.ts";
import { summary } from "../../lib/inspect/summary.ts";
import * as models from "../../lib/models/mod.ts";
import { FeatureBank, fit, type FitOptions, freeze } from "../../lib/training/mod.ts";
import { nn } from "../nn/nn.ts";
import { noLeaks, release } from "../tensors.ts";
import { forget, pictures, transforms } from "../training/frozen_pictures.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "./golden.ts";

const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");

noLeaks("vit_b_32: torchvision's keys, counts, text and logits", async () => {
  const row = golden.models.vit_b_32;
  const model = models.vit_b_32();
  assertStructure(model, row);
  assertEquals(model.loadStateDict(goldenState(row, golden.salt, model)).matched.length, row.keys.length);
  await assertOutput(model, row, golden.salt);
  release(model);
});

const size = { patchSize: 4, numLayers: 3, numHeads: 2, hiddenDim: 8, mlpDim: 16 };

/** A transformer that takes no time, for pictures of 8 pixels, with a head that says something. */
function tiny(options: models.VisionTransformerArguments = {}): models.VisionTransformer {
  const model = new models.VisionTransformer(size, { imageSize: 8, numClasses: 3, ...options });
  model.heads.head = new nn.Linear(options.representationSize ?? 8, 3);
  return model;
}

noLeaks("vit: the stages in forward order are the whole network; every parameter is in one of them", async () => {
  const model = tiny().eval();
  model.encoder.layers.append(new models.EncoderBlock(2, 8, 16), { name: "one_more" });
  const stages = model.stages();
  assertEquals(stages.map(({ name, modules }) => [name, ...modules]), [
    ["conv_proj", "class_token", "conv_proj"],
    [
      "encoder.layers.encoder_layer_0",
      "encoder.pos_embedding",
      "encoder.dropout",
      "encoder.layers.encoder_layer_0",
    ],
    ["encoder.layers.encoder_layer_1", "encoder.layers.encoder_layer_1"],
    ["encoder.layers.encoder_layer_2", "encoder.layers.encoder_layer_2"],
    ["encoder.layers.one_more", "encoder.layers.one_more"],
    ["encoder.ln", "encoder.ln"],
    ["heads", "heads"],
  ]);
  for (const [path] of model.namedParameters()) {
    const owners = stages.filter(({ modules }) => modules.some((one) => path === one || path.startsWith(`${one}.`)));
    assertEquals(owners.length, 1, path);
  }
  const x = tf.randomUniform([2, 8, 8, 3]);
  const whole = model.forward(x);
  const tokens = tf.tidy(() => nn.runStages(stages.slice(0, 3), x));
  const logits = tf.tidy(() => nn.runStages(stages.slice(3), tokens));
  const [patches, encoded] = tf.tidy(() => {
    const first = stages[0].forward!(x);
    return [
      model.heads.forward(tf.reshape(tf.slice(model.encoder.forward(first), [0, 0, 0], [-1, 1, -1]), [2, 8])),
      first,
    ];
  });
  assertEquals([tokens.shape, logits.shape, encoded.shape], [[2, 5, 8], [2, 3], [2, 5, 8]]);
  assertEquals(await logits.data(), await whole.data());
  assertEquals(await patches.data(), await whole.data());
  tf.dispose([x, whole, tokens, logits, patches, encoded]);
  release(model);
});

noLeaks(
  "vit: a further layer in front of the head, convolutions in the patches' place, another size of picture",
  () => {
    const deeper = tiny({ representationSize: 6 });
    assertEquals(
      String(deeper.heads),
      [
        "Sequential(",
        "  (pre_logits): Linear(in_features=8, out_features=6, bias=True)",
        "  (act): Tanh()",
        "  (head): Linear(in_features=6, out_features=3, bias=True)",
        ")",
      ].join("\n"),
    );
    const step = { outChannels: 6, kernelSize: 3, stride: 2 };
    const stem = tiny({ convStemConfigs: [step, { ...step, outChannels: 12 }] });
    assertEquals(
      stem.namedParameters().map(([name]) => name).filter((name) => name.startsWith("conv_proj")),
      ["conv_proj.conv_bn_relu_0.0.weight", "conv_proj.conv_bn_relu_0.1.weight", "conv_proj.conv_bn_relu_0.1.bias"]
        .flatMap((name) => [name])
        .concat(
          ["conv_proj.conv_bn_relu_1.0.weight", "conv_proj.conv_bn_relu_1.1.weight", "conv_proj.conv_bn_relu_1.1.bias"],
          ["conv_proj.conv_last.weight", "conv_proj.conv_last.bias"],
        ),
    );
    const larger = tiny({ imageSize: 12 });
    for (const [model, pixels] of [[deeper, 8], [stem, 8], [larger, 12]] as const) {
      const logits = tf.tidy(() => model.forward(tf.zeros([2, pixels, pixels, 3])));
      assertEquals(logits.shape, [2, 3]);
      logits.dispose();
      release(model);
    }
    assertEquals(models.vit_l_16({ imageSize: 384 }).encoder.pos_embedding.shape, [1, 577, 1024]);
  },
);

noLeaks("vit: dropout in training only, in every place that torchvision has it", async () => {
  const model = tiny({ dropout: 0.5, attentionDropout: 0.25 });
  assertEquals(model.modules().filter((module) => module instanceof nn.Dropout).map(({ p }) => p), Array(10).fill(0.5));
  assertEquals(model.get("encoder.layers.encoder_layer_1.self_attention", nn.MultiheadAttention).dropout, 0.25);
  const x = tf.randomUniform([1, 8, 8, 3]);
  const twice = async () => {
    const outputs = [model.forward(x), model.forward(x)];
    const values = await Promise.all(outputs.map((y) => y.data()));
    tf.dispose(outputs);
    return values;
  };
  const [first, second] = await twice();
  assertNotEquals(first, second);
  model.eval();
  const [third, fourth] = await twice();
  assertEquals(third, fourth);
  x.dispose();
  release(model);
});

noLeaks("vit: initial values have torchvision's spread", async () => {
  const model = models.vit_b_32();
  const bound = Math.sqrt(6 / (768 + 3072));
  const expected: [path: string, deviation: number][] = [
    ["class_token", 0],
    ["conv_proj.weight", Math.sqrt(1 / (3 * 32 * 32))],
    ["conv_proj.bias", 0],
    ["encoder.pos_embedding", 0.02],
    ["encoder.layers.encoder_layer_0.self_attention.in_proj_weight", Math.sqrt(6 / (768 + 3 * 768)) / Math.sqrt(3)],
    ["encoder.layers.encoder_layer_0.self_attention.out_proj.weight", Math.sqrt(1 / 768) / Math.sqrt(3)],
    ["encoder.layers.encoder_layer_0.self_attention.out_proj.bias", 0],
    ["encoder.layers.encoder_layer_0.mlp.0.weight", bound / Math.sqrt(3)],
    ["encoder.layers.encoder_layer_0.mlp.3.weight", bound / Math.sqrt(3)],
    ["encoder.layers.encoder_layer_0.mlp.0.bias", 1e-6],
    ["heads.head.weight", 0],
    ["heads.head.bias", 0],
  ];
  const parameters = new Map(model.namedParameters());
  for (const [path, deviation] of expected) {
    const { mean, variance } = tf.moments(parameters.get(path)!.value);
    const [found, middle] = [Math.sqrt((await variance.data())[0]), (await mean.data())[0]];
    assert(Math.abs(found - deviation) <= 0.05 * deviation, `${path}: expected ${deviation}, found ${found}`);
    assert(Math.abs(middle) <= 0.1 * deviation, `${path}: mean ${middle}`);
    tf.dispose([mean, variance]);
  }
  release(model);
});

noLeaks("vit: names from before torchvision 0.13 load; embeddings of another size say what to do", () => {
  const model = tiny();
  const state = model.stateDict();
  const old = state.rename((name) => name.replace(/mlp\.([03])\./, (_, i) => `mlp.linear_${i === "0" ? 1 : 2}.`));
  assert(old.has("encoder.layers.encoder_layer_2.mlp.linear_2.bias"));
  const other = tiny();
  assertEquals(other.loadStateDict(old).matched.length, state.size);
  assertThrows(
    () => tiny({ imageSize: 16 }).loadStateDict(state),
    Error,
    'Cannot load "encoder.pos_embedding": expected [1, 17, 8], found [1, 5, 8]; ' +
      "await models.interpolateEmbeddings(sd, { imageSize: 16, patchSize: 4 }) makes one for this network's pictures",
  );
  const larger = tiny({ imageSize: 16 });
  const { mismatched } = larger.loadStateDict(state, { strict: false });
  assertEquals(mismatched.map(({ name }) => name), ["encoder.pos_embedding"]);
  release(model, state, other, larger);
});

noLeaks("vit: below the cut class token and embeddings are frozen, from the cut on they train", () => {
  const model = tiny();
  const trains = (until: string) => {
    freeze(model, { until });
    return model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).map(([path]) =>
      path.split(".mlp")[0]
    );
  };
  const root = ["class_token", "encoder.pos_embedding"];
  const rootIn = (paths: string[]) => root.filter((path) => paths.includes(path));
  assertEquals(rootIn(trains("conv_proj")), root);
  assertEquals(rootIn(trains("encoder.layers.encoder_layer_0")), ["encoder.pos_embedding"]);
  assertEquals(rootIn(trains("encoder.layers.encoder_layer_1")), []);
  assertEquals(trains("heads"), ["heads.head.weight", "heads.head.bias"]);
  assertEquals([model.conv_proj.frozen, model.encoder.frozen, model.encoder.dropout.frozen], [true, true, true]);
  const plan = freeze(model, { until: "encoder.layers.encoder_layer_1" });
  assertEquals(plan.stages.map(({ state }) => state), [
    "frozen",
    "frozen",
    "trainable",
    "trainable",
    "trainable",
    "trainable",
  ]);
});

const dozen = pictures(12);

noLeaks(
  "vit: tokens are kept as features: the same training, what is frozen computed once, the rest learned",
  async () => {
    const train = async (options: FitOptions) => {
      manualSeed(4);
      const model = tiny({ dropout: 0.1 });
      freeze(model, { until: "encoder.layers.encoder_layer_1" });
      let seen = 0;
      nn.onForward(model.conv_proj, (_module, x) => seen += x.shape[0]);
      const before = await Promise.all(
        [model.class_token, model.encoder.pos_embedding].map(({ value }) => value.data()),
      );
      const run = await fit(model, dozen, {
        transforms,
        epochs: 3,
        batchSize: 4,
        learningRate: 0.05,
        seed: 1,
        display: false,
        ...options,
      });
      const after = await Promise.all(
        [model.class_token, model.encoder.pos_embedding].map(({ value }) => value.data()),
      );
      assertEquals(after, before);
      const losses = run.history.map(({ loss }) => loss);
      forget(model, run);
      return { seen, losses, cachedAt: run.cachedAt };
    };
    const features = new FeatureBank();
    const kept = await train({ features });
    assertEquals([kept.cachedAt, kept.seen], ["encoder.layers.encoder_layer_1", 12]);
    assertEquals(features.bytes.memory, 4 * 12 * 5 * 8); // [N, L, C]
    assertEquals((await train({ features })).seen, 0); // the same weights below: all is there
    const plain = await train({ cache: false });
    assertEquals([plain.cachedAt, plain.seen], [undefined, 3 * 12]);
    kept.losses.forEach((loss, i) => assert(Math.abs(loss - plain.losses[i]) < 1e-5, `epoch ${i + 1}`));
    assertNotEquals(kept.losses[2], kept.losses[0]);
    features.dispose();
  },
);

noLeaks("vit: features are not taken for those of a network with another class token", async () => {
  const features = new FeatureBank();
  for (const [token, expected] of [[0, 12], [0, 0], [1, 12]]) {
    manualSeed(4);
    const model = tiny();
    model.class_token = new nn.Parameter([1, 1, 8], nn.init.constant(token));
    freeze(model, { until: "heads" });
    let seen = 0;
    nn.onForward(model.conv_proj, (_module, x) => seen += x.shape[0]);
    const run = await fit(model, dozen, { transforms, epochs: 1, seed: 1, display: false, features });
    assertEquals(seen, expected, `class token ${token}`);
    forget(model, run);
    assertEquals(features.bytes.memory, 4 * 12 * 8); // the heads read the class token alone
  }
  features.dispose();
});

noLeaks("vit: summary, feature maps and Grad-CAM know tokens", async () => {
  manualSeed(2);
  const model = tiny();
  const { modules, parameters } = summary(model, 8);
  const shapeOf = (path: string) => modules.find(({ name }) => name === path)?.outputShape;
  assertEquals(parameters, model.parameters().reduce((sum, { size }) => sum + size, 0));
  assertEquals(shapeOf("encoder.layers.encoder_layer_2.mlp.0"), [1, 5, 16]);
  assertEquals(shapeOf("encoder.layers.encoder_layer_0.self_attention"), [1, 5, 8]);

  const picture = { width: 8, height: 8, data: Uint8Array.from({ length: 192 }, (_, i) => (37 * i) % 256) };
  const stage = "encoder.layers.encoder_layer_0";
  const found = await featureMaps(model, picture, { stage, transforms, count: 8 });
  assertEquals(found.shape, [1, 2, 2, 8]);
  const x = tf.tensor4d(Float32Array.from(picture.data, (byte) => (byte / 255 - 0.5) / 0.3), [1, 8, 8, 3]);
  const tokens = tf.tidy(() => nn.runStages(model.eval().stages().slice(0, 2), x));
  const values = await tokens.data();
  for (const { channel, plane } of found.maps) {
    assertEquals([plane.width, plane.height], [2, 2]);
    // behind the class token
    plane.values.forEach((value, i) => assert(Math.abs(value - values[8 * (i + 1) + channel]) < 1e-5));
  }

  // behind the last attention, only the class token goes on
  const seen = await gradCam(model, picture, { transforms, class: 1 });
  assertEquals([seen.stage, seen.heat.width, seen.heat.height], ["encoder.layers.encoder_layer_1", 2, 2]);
  const expected = await heatByHand(model, x, 1);
  seen.heat.values.forEach((value, i) => assert(Math.abs(value - expected[i]) < 1e-2, `${value} and ${expected[i]}`));
  await assertRejects(
    () => gradCam(model, picture, { transforms, stage: "encoder.layers.encoder_layer_2" }),
    TypeError,
    'Cannot make a Grad-CAM at "encoder.layers.encoder_layer_2": expected places that the class depends on, found that ' +
      "from there on only the class token is used; choose an earlier stage",
  );
  await assertRejects(
    () => featureMaps(model, picture, { transforms, stage: "encoder.ln" }),
    TypeError,
    'Cannot show feature maps at "encoder.ln": expected an output [N, H, W, C], found [1, 8]; choose an earlier stage',
  );
  tf.dispose([x, tokens]);
  release(model);
});

/** Grad-CAM's formula, number by number: how the logit grows with each token's channel, by differences. */
async function heatByHand(model: models.VisionTransformer, x: tf.Tensor, index: number): Promise<number[]> {
  const stages = model.stages();
  const tokens = tf.tidy(() => nn.runStages(stages.slice(0, 3), x));
  const values = await tokens.data() as Float32Array;
  tokens.dispose();
  const step = 0.02;
  const logit = async (at: number, by: number) => {
    const moved = values.slice();
    moved[at] += by;
    const logits = tf.tidy(() => nn.runStages(stages.slice(3), tf.tensor3d(moved, [1, 5, 8])));
    const found = (await logits.data())[index];
    logits.dispose();
    return found;
  };
  const places = [1, 2, 3, 4];
  const weights: number[] = [];
  for (let channel = 0; channel < 8; channel++) {
    let sum = 0;
    for (const place of places) {
      const at = 8 * place + channel;
      sum += (await logit(at, step) - await logit(at, -step)) / (2 * step);
    }
    weights.push(sum / places.length);
  }
  const heat = places.map((place) =>
    Math.max(0, weights.reduce((sum, weight, channel) => sum + weight * values[8 * place + channel], 0))
  );
  return heat.map((value) => Math.max(...heat) ? value / Math.max(...heat) : 0);
}

noLeaks("vit: what cannot be is refused", () => {
  const model = tiny();
  const x = tf.zeros([2, 12, 12, 3]), wide = tf.zeros([2, 8, 12, 3]);
  assertThrows(
    () => model.forward(x),
    TypeError,
    "Cannot run VisionTransformer: expected input [N, 8, 8, 3], found [2, 12, 12, 3]; make the network with imageSize 12, " +
      "or resize the pictures",
  );
  assertThrows(
    () => model.forward(wide),
    TypeError,
    "Cannot run VisionTransformer: expected input [N, 8, 8, 3], found [2, 8, 12, 3]",
  );
  const wrong: [models.VisionTransformerArguments, string][] = [
    [{ imageSize: 230 }, "expected imageSize to be a multiple of the patches' 16, found 230"],
    [{ imageSize: [224, 224] as never }, "expected imageSize to be a whole number ≥ 1, found [224,224]"],
    [{ imageSize: 0 }, "expected imageSize to be a whole number ≥ 1, found 0"],
    [{ dropout: 1.5 }, "expected dropout to be from 0 to 1, found 1.5"],
    [{ attentionDropout: "0.1" as unknown as number }, 'expected attentionDropout to be from 0 to 1, found "0.1"'],
    [{ representationSize: 0.5 }, "expected representationSize to be a whole number ≥ 1, found 0.5"],
  ];
  for (const [options, message] of wrong) {
    assertThrows(() => models.vit_b_16(options), RangeError, `Cannot make VisionTransformer: ${message}`);
  }
  assertThrows(
    () => model.loadStateDict({} as never),
    TypeError,
    "Cannot load a state dict: expected a state dict, found a plain object",
  );
  tf.dispose([x, wide]);
  release(model);
});
