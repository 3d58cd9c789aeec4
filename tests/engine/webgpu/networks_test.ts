/** Whole networks on webgpu beside PyTorch's figures: predictions, a training step, and a head trained as in the first notebook. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import * as data from "../../../lib/data/mod.ts";
import { useEngine } from "../../../lib/engine/mod.ts";
import * as models from "../../../lib/models/mod.ts";
import * as nn from "../../../lib/nn/mod.ts";
import { foldBatchNorm } from "../../../lib/surgery/mod.ts";
import { computeGradients, evaluate, fit, freeze, SGD } from "../../../lib/training/mod.ts";
import { assertOutput, assertStructure, type GoldenModel, goldenState, readGolden } from "../../models/golden.ts";
import { assertWeights, golden as lite } from "../../models/lite_golden.ts";
import { release } from "../../tensors.ts";
import { batchOf, cases, near, networkOf, SGD_OPTIONS } from "../../training/training_golden.ts";
import { onWebgpu } from "./webgpu_for_tests.ts";

onWebgpu("webgpu: resnet18 has torchvision's keys, counts, text and logits", async () => {
  const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");
  const row = golden.models.resnet18;
  const model = models.resnet18();
  assertStructure(model, row);
  model.loadStateDict(goldenState(row, golden.salt, model));
  await assertOutput(model, row, golden.salt);
  release(model);
});

onWebgpu("webgpu: efficientnet_lite0 has PyTorch's numbers stage by stage, with its real weights", async () => {
  const row = lite.rows.find(({ network, size }) => network === "efficientnet_lite0" && size === 100)!;
  await assertWeights(row);
});

onWebgpu("webgpu: mobilenet_v3_small makes a step as in PyTorch", async () => {
  const one = cases.find(({ model }) => model === "mobilenet_v3_small")!;
  const model = networkOf(one);
  const trained = model.namedParameters().filter(([, { requiresGrad }]) => requiresGrad);
  const optimizer = new SGD(trained.map(([, parameter]) => parameter), SGD_OPTIONS);
  const { x, y } = batchOf(one);
  const lossOf = () => new nn.CrossEntropyLoss().forward(model.forward(x), y);
  const { loss, gradients } = computeGradients(optimizer.parameters(), lossOf);
  near((await loss.data())[0], one.loss[0], "loss before the step");
  const norms = gradients.map((gradient) => tf.norm(gradient!));
  const found = await Promise.all(norms.map((norm) => norm.data()));
  const largest = Math.max(...Object.values(one.grad_l2));
  const normOf = new Map(trained.map(([path], i) => [path, found[i][0]]));
  for (const [path, expected] of Object.entries(one.grad_l2)) {
    near(normOf.get(path)!, expected, `gradient of ${path}`, 1e-6 * largest);
  }
  optimizer.step(gradients);
  const after = tf.tidy(lossOf);
  near((await after.data())[0], one.loss[1], "loss after the step");
  optimizer.dispose();
  tf.dispose([x, y, loss, after, ...norms, ...gradients.map((gradient) => gradient!)]);
  release(model);
});

onWebgpu("webgpu: a new head is trained on what is frozen below it, evaluated, and loaded again", async () => {
  const network = () =>
    new nn.Sequential(
      new nn.Conv2d(3, 8, 3, { stride: 2 }),
      new nn.ReLU(),
      new nn.AdaptiveAvgPool2d(1),
      new nn.Flatten(),
      new nn.Linear(8, 3),
    );
  const model = network();
  freeze(model, { until: "4" });
  // Pictures of one bright channel each, which is their class.
  const labels = Array.from({ length: 60 }, (_, i) => i % 3);
  const pictures = tf.tidy(() => {
    const noise = tf.randomUniform([60, 16, 16, 3], 0, 0.5, "float32", 1);
    const bright = tf.oneHot(tf.tensor1d(labels, "int32"), 3).reshape([60, 1, 1, 3]);
    return tf.add(noise, bright);
  });
  const dataset = data.fromTensors(pictures, labels);
  const split = dataset.split({ validation: 0.2, seed: 1 });
  const run = await fit(model, split, { epochs: 30, batchSize: 12, learningRate: 0.1, display: false });
  const accuracy = run.history.at(-1)!.validationAccuracy!;
  assert(accuracy > 0.9, `expected the head to learn which channel is bright, found ${accuracy}`);
  const again = network();
  const state = model.stateDict();
  again.loadStateDict(state);
  assertEquals(await evaluate(again, split.validation), await evaluate(model, split.validation));
  pictures.dispose();
  release(model, again, state, run.best!.stateDict);
});

onWebgpu("webgpu: what needs values at once says so, and works on another rung", async () => {
  const norm = new nn.BatchNorm2d(4);
  const model = new nn.Sequential(new nn.Conv2d(3, 4, 3, { bias: false }), norm);
  const x = tf.ones([1, 8, 8, 3]);
  assertThrows(() => foldBatchNorm(model, undefined, { input: x }), Error, "Cannot read a tensor at once on webgpu");
  await useEngine("cpu");
  assertEquals(foldBatchNorm(model, undefined, { input: x }).keys.added, ["0.bias"]);
  await useEngine("webgpu");
  const y = tf.tidy(() => model.eval().forward(x));
  assert((await y.data()).every(Number.isFinite));
  tf.dispose([x, y]);
  release(model, norm);
});
