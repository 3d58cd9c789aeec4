/**
 * The webgpu rung beside PyTorch's figures, and its times beside those of the wasm and cpu rungs:
 * `deno run -A bench/webgpu.ts [--out FILE] [--rounds 3]` writes bench/results/webgpu.json.
 *
 * Where there is no graphics card, Mesa's program on the processor serves (Debian: mesa-vulkan-drivers): its numbers are as good
 * as any card's, its times say nothing about one.
 */
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import { computeGradients, data, engine, evaluate, fit, freeze, manualSeed, models, nn, SGD, useEngine } from "thaw";
import { goldenImages, type GoldenModel, goldenState, logitError, readGolden } from "../tests/models/golden.ts";
import { assertWeights, golden as lite } from "../tests/models/lite_golden.ts";
import { batchOf, cases, networkOf, SGD_OPTIONS } from "../tests/training/training_golden.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { out: { type: "string", default: "bench/results/webgpu.json" }, rounds: { type: "string", default: "3" } },
});
const rounds = Number(values.rounds);

type Name = "webgpu" | "wasm" | "cpu";

/** How the training of a head went. */
interface Head {
  images: number;
  /** After each epoch. */
  losses: number[];
  accuracy: number;
  seconds: number;
}

await useEngine("webgpu");
const { device, gpu, version } = engine();
const results = {
  adapter: device,
  software: !gpu,
  backend: version,
  deno: Deno.version.deno,
  processors: navigator.hardwareConcurrency,
  parity: await parity(),
  head: { webgpu: await trainHead("webgpu"), wasm: await trainHead("wasm") },
  seconds: await times(),
};
await Deno.writeTextFile(values.out, JSON.stringify(results, null, 2) + "\n");

/** How far webgpu is off PyTorch's figures, as a share of the largest of each. */
async function parity(): Promise<Record<string, number>> {
  const golden = await readGolden<{ salt: string; models: Record<string, GoldenModel> }>("torchvision.json.gz");
  const found: Record<string, number> = {};
  const row = golden.models.resnet18;
  const model = models.resnet18();
  model.loadStateDict(goldenState(row, golden.salt, model));
  const logits = tf.tidy(() => model.eval().forward(goldenImages(golden.salt, row.size)));
  found["resnet18 logits"] = logitError(await logits.data() as Float32Array, row);
  logits.dispose();
  for (const row of lite.rows.filter(({ network }) => network === "efficientnet_lite0")) {
    found[`efficientnet_lite0 logits, ${row.size} pixels`] = await assertWeights(row);
  }
  Object.assign(found, await stepParity());
  for (const [name, error] of Object.entries(found)) console.log(`${name}: off by ${error.toExponential(1)}`);
  return found;
}

/** A whole training step of resnet18: the loss, the gradients' norms, and the loss after the step. */
async function stepParity(): Promise<Record<string, number>> {
  const one = cases.find(({ model, train }) => model === "resnet18" && train === null)!;
  const model = networkOf(one);
  const optimizer = new SGD(model.parameters(), SGD_OPTIONS);
  const { x, y } = batchOf(one);
  const lossOf = () => new nn.CrossEntropyLoss().forward(model.forward(x), y);
  const { loss, gradients } = computeGradients(optimizer.parameters(), lossOf);
  const paths = model.namedParameters().map(([path]) => path);
  const norms = await Promise.all(gradients.map((gradient) => tf.norm(gradient!).data()));
  const largest = Math.max(...Object.values(one.grad_l2));
  optimizer.step(gradients);
  const after = tf.tidy(lossOf);
  const off = (found: number, expected: number, of = expected) => Math.abs(found - expected) / of;
  return {
    "resnet18 loss": off((await loss.data())[0], one.loss[0]),
    "resnet18 gradients": Math.max(...paths.map((path, i) => off(norms[i][0], one.grad_l2[path], largest))),
    "resnet18 loss after the step": off((await after.data())[0], one.loss[1]),
  };
}

/** The head of the first notebook's network, on 45 emoji, as THAW_FAST has it: frozen features, then three epochs. */
async function trainHead(rung: Name): Promise<Head> {
  await useEngine(rung);
  manualSeed(1);
  const model = await models.efficientnet_lite0({ weights: "DEFAULT" });
  model.transforms = { ...models.info("efficientnet_lite0").weights.DEFAULT.transforms, resize: 128, crop: 128 };
  const split = (await data.emoji({ size: 45 })).split({ validation: 0.2, seed: 1 });
  model.classifier[1] = new nn.Linear(model.classifier.get("1", nn.Linear).inFeatures, split.train.classes.length);
  freeze(model, { until: "classifier" });
  const start = performance.now();
  const run = await fit(model, split, { epochs: 3, display: false });
  const seconds = (performance.now() - start) / 1000;
  const { accuracy } = await evaluate(model, split.validation);
  console.log(`head on ${rung}: ${seconds.toFixed(1)} s`);
  return { images: split.train.length, losses: run.history.map(({ loss }) => loss), accuracy, seconds };
}

/** The least seconds that each rung takes; null where it cannot do it. */
async function times(): Promise<Record<string, Record<Name, number | null>>> {
  const work: Record<string, () => () => tf.Tensor> = {
    "resnet18 forward, 2 images of 64 x 64": () => forward(models.resnet18(), [2, 64, 64, 3]),
    "efficientnet_lite0 forward, 1 image of 128 x 128": () => forward(models.efficientnet_lite0(), [1, 128, 128, 3]),
    "small network's step, 8 images of 32 x 32": smallStep,
    "head's step, 32 rows of 1280": headStep,
  };
  const found: Record<string, Record<Name, number | null>> = {};
  for (const [name, prepare] of Object.entries(work)) {
    found[name] = { webgpu: null, wasm: null, cpu: null };
    for (const rung of ["webgpu", "wasm", "cpu"] as const) {
      await useEngine(rung);
      found[name][rung] = await best(prepare);
      console.log(`${name}: ${rung} ${found[name][rung]?.toFixed(3) ?? "cannot"}`);
    }
  }
  return found;
}

/** The least time of several after one that does not count. */
async function best(prepare: () => () => tf.Tensor): Promise<number | null> {
  const compute = prepare();
  let least = Infinity;
  for (let i = 0; i <= rounds; i++) {
    const start = performance.now();
    try {
      const result = tf.tidy(compute);
      await result.data();
      result.dispose();
    } catch (error) {
      if (/this rung has no such kernel/.test((error as Error).message)) return null;
      throw error;
    }
    if (i > 0) least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

function forward(model: nn.Module, shape: [number, number, number, number]): () => tf.Tensor {
  const x = tf.randomNormal(shape, 0, 1, "float32", 1);
  model.eval();
  return () => model.forward(x);
}

function smallStep(): () => tf.Tensor {
  const model = new nn.Sequential(
    new nn.Conv2d(3, 16, 3, { padding: 1 }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(32, 9),
  ).train();
  return step(model, tf.randomNormal([8, 32, 32, 3], 0, 1, "float32", 1));
}

function headStep(): () => tf.Tensor {
  return step(new nn.Linear(1280, 9), tf.randomNormal([32, 1280], 0, 1, "float32", 1));
}

/** Loss, gradients and an SGD step. */
function step(model: nn.Module, x: tf.Tensor): () => tf.Tensor {
  const y = tf.tensor1d(Array.from({ length: x.shape[0] }, (_, i) => i % 9), "int32");
  const optimizer = new SGD(model.parameters(), { learningRate: 0.01, momentum: 0.9 });
  return () => {
    const lossOf = () => new nn.CrossEntropyLoss().forward(model.forward(x), y);
    const { loss, gradients } = computeGradients(optimizer.parameters(), lossOf);
    optimizer.step(gradients);
    return loss;
  };
}
